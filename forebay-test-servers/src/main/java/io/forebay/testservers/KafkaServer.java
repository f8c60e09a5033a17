package io.forebay.testservers;

import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.Uuid;

/**
 * A real Kafka, one broker that is its own controller (KRaft), as a child process that can be stopped, killed, paused
 * and started again on the same log folder. It does not outlive the JVM. Plain text, no authentication unless the
 * settings ask for it; topics are not created by use. Thread-safe.
 *
 * <p>A killed broker is back about three seconds after {@link #start}: its old session has to end first.
 */
public final class KafkaServer extends TestServer {
    private final int controllerPort = ServerProcess.freePort();

    private KafkaServer(List<String> settings) throws IOException {
        super("Kafka");
        writeSettings(settings);
    }

    /**
     * Makes a new log folder and starts the server.
     *
     * @param settings more settings of the broker, each {@code name=value}; they win over those of this class
     */
    public static KafkaServer create(String... settings) {
        try {
            KafkaServer server = new KafkaServer(List.of(settings));
            server.format();
            server.begin();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The value of the clients' {@code bootstrap.servers}; the same for all restarts. */
    public String bootstrapServers() {
        return host() + ":" + port();
    }

    /** A new client that creates and inspects topics; the caller closes it. */
    public Admin admin() {
        return Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers()));
    }

    private void writeSettings(List<String> settings) throws IOException {
        Properties properties = new Properties();
        properties.putAll(ownSettings());
        try (Reader given = new StringReader(String.join("\n", settings))) {
            properties.load(given);
        }
        try (Writer writer = Files.newBufferedWriter(settingsFile())) {
            properties.store(writer, null);
        }
    }

    private Map<String, String> ownSettings() {
        return Map.ofEntries(
                Map.entry("process.roles", "broker,controller"),
                Map.entry("node.id", "1"),
                Map.entry("controller.quorum.voters", "1@" + host() + ":" + controllerPort),
                Map.entry("controller.listener.names", "CONTROLLER"),
                Map.entry(
                        "listeners",
                        "PLAINTEXT://" + host() + ":" + port() + ",CONTROLLER://" + host() + ":" + controllerPort),
                Map.entry("log.dirs", folder().resolve("logs").toString()),
                Map.entry("auto.create.topics.enable", "false"),
                Map.entry("broker.session.timeout.ms", "3000"),
                Map.entry("broker.heartbeat.interval.ms", "200"),
                Map.entry("group.initial.rebalance.delay.ms", "0"),
                Map.entry("group.min.session.timeout.ms", "500"),
                Map.entry("offsets.topic.replication.factor", "1"),
                Map.entry("offsets.topic.num.partitions", "1"),
                Map.entry("transaction.state.log.replication.factor", "1"),
                Map.entry("transaction.state.log.min.isr", "1"),
                Map.entry("transaction.state.log.num.partitions", "1"),
                Map.entry("share.coordinator.state.topic.replication.factor", "1"),
                Map.entry("share.coordinator.state.topic.min.isr", "1"),
                Map.entry("log.cleaner.dedupe.buffer.size", "2097152"),
                Map.entry("log.cleaner.backoff.ms", "100"),
                Map.entry("log.initial.task.delay.ms", "100"),
                Map.entry("log.retention.check.interval.ms", "200"));
    }

    /** Writes the cluster's id into the new log folder, as every KRaft server needs once. */
    private void format() {
        List<String> format = java(
                "kafka.tools.StorageTool",
                "format",
                "--cluster-id",
                Uuid.randomUuid().toString(),
                "--config",
                settingsFile().toString());
        Processes.run(format, folder().resolve("format.log"));
    }

    @Override
    List<String> command() {
        return java("kafka.Kafka", settingsFile().toString());
    }

    private List<String> java(String... mainClassAndArguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-cp",
                System.getProperty("java.class.path")));
        command.addAll(List.of(mainClassAndArguments));
        return Processes.endingWithThisJvm(command);
    }

    /** Whether the broker is in its cluster. */
    @Override
    boolean isReady() {
        if (!isListening()) return false; // a client would fill the log with failed connections
        Map<String, Object> quick = Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers(),
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                1000,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                1000);
        try (Admin admin = Admin.create(quick)) {
            return !admin.describeCluster().nodes().get().isEmpty();
        } catch (ExecutionException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while Kafka was starting", e);
        }
    }

    private boolean isListening() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port()), 1000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private Path settingsFile() {
        return folder().resolve("server.properties");
    }
}
