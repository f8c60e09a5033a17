package io.forebay.testservers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A real Redis (6.2.11) as a child process that can be stopped, killed, paused and started again on its data. It does not
 * outlive the JVM. What it is told is forgotten at its end unless an option says otherwise: {@code appendonly=yes} and
 * {@code appendfsync=always} make it durable. Thread-safe.
 */
public final class RedisServer extends TestServer {
    private static final int SLOTS = 16_384;
    private static final int BUS_OFFSET = 10_000; // a node of a cluster also listens on this port + 10,000
    private static final int HIGHEST_PORT = 65_535;

    private final Path program;
    private final Kind kind;
    private final int tlsPort;
    private final @Nullable String password;

    private enum Kind {
        STANDALONE,
        TLS,
        CLUSTER,
        SENTINEL
    }

    private RedisServer(Kind kind, List<String> options) throws IOException {
        super("Redis", freePort(kind));
        this.program = RedisBinary.unpacked();
        this.kind = kind;
        this.tlsPort = kind == Kind.TLS ? ServerProcess.freePort() : 0;
        this.password = password(options);
        Files.createDirectory(dataFolder());
        Files.write(configuration(), settings(options));
        Processes.makeOwned(dataFolder());
    }

    /**
     * Makes a Redis of its own and starts it.
     *
     * @param options more settings, each {@code name=value}: {@code requirepass=secret}, {@code user=ann on >secret ~* +@all}
     */
    public static RedisServer create(String... options) {
        return create(Kind.STANDALONE, options);
    }

    /** The same, which also takes TLS connections on {@link #tlsPort}, without certificates of clients. */
    public static RedisServer createWithTls(String... options) {
        return create(Kind.TLS, options);
    }

    /** A cluster of one node that has all slots: it refuses whatever needs two slots at once. */
    public static RedisServer createCluster(String... options) {
        return create(Kind.CLUSTER, options);
    }

    /**
     * A Sentinel that watches {@code primary} under the name {@code forebay}, and makes a replica the primary when it was
     * away for half a second.
     */
    public static RedisServer createSentinel(RedisServer primary) {
        return create(
                Kind.SENTINEL,
                "sentinel=monitor forebay " + primary.host() + " " + primary.port() + " 1",
                "sentinel=down-after-milliseconds forebay 500",
                "sentinel=failover-timeout forebay 2000");
    }

    private static RedisServer create(Kind kind, String... options) {
        try {
            RedisServer server = new RedisServer(kind, List.of(options));
            server.begin();
            if (kind == Kind.CLUSTER) server.takeAllSlots();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The port for TLS of {@link #createWithTls}. */
    public int tlsPort() {
        if (kind != Kind.TLS) throw new IllegalStateException("this Redis was not made with TLS");
        return tlsPort;
    }

    /** The certificate to trust, as PEM, of {@link #createWithTls}. */
    public Path certificate() {
        if (kind != Kind.TLS) throw new IllegalStateException("this Redis was not made with TLS");
        return dataFolder().resolve("redis.crt");
    }

    /** {@code redis://host:port}, without a password. */
    public String uri() {
        return "redis://" + host() + ":" + port();
    }

    /**
     * Sends one command on a connection of its own, as the user {@code default}.
     *
     * @return the reply as text: elements of an array one a line, nothing as {@code (nil)}, an error with a minus sign
     *     before it
     */
    public String command(String... parts) {
        try {
            return send(List.of(parts));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void takeAllSlots() throws IOException {
        List<String> command = new ArrayList<>(List.of("CLUSTER", "ADDSLOTS"));
        for (int slot = 0; slot < SLOTS; slot++) command.add(Integer.toString(slot));
        send(command);
        while (!send(List.of("CLUSTER", "INFO")).contains("cluster_state:ok")) Thread.onSpinWait();
    }

    @Override
    boolean isReady() throws IOException {
        boolean answers = send(List.of("PING")).equals("PONG");
        if (!answers || kind != Kind.CLUSTER) return answers;
        String cluster = send(List.of("CLUSTER", "INFO"));
        return cluster.contains("cluster_state:ok") || cluster.contains("cluster_slots_assigned:0");
    }

    private String send(List<String> command) throws IOException {
        try (RedisConsole console = new RedisConsole(host(), port())) {
            if (password != null) console.send(List.of("AUTH", password));
            return console.send(command);
        }
    }

    @Override
    List<String> command() {
        List<String> command =
                new ArrayList<>(List.of(program.toString(), configuration().toString()));
        if (kind == Kind.SENTINEL) command.add("--sentinel");
        return Processes.asOrdinaryUser(command);
    }

    private List<String> settings(List<String> options) {
        List<String> lines = new ArrayList<>(List.of("bind " + host(), "port " + port(), "dir " + dataFolder()));
        if (kind != Kind.SENTINEL) lines.add("save \"\"");
        if (kind == Kind.CLUSTER) lines.addAll(List.of("cluster-enabled yes", "cluster-announce-ip " + host()));
        if (kind == Kind.TLS) {
            RedisTls tls = RedisTls.in(dataFolder());
            lines.addAll(List.of(
                    "tls-port " + tlsPort,
                    "tls-key-file " + tls.key(),
                    "tls-cert-file " + tls.certificate(),
                    "tls-ca-cert-file " + tls.certificate(),
                    "tls-auth-clients no"));
        }
        for (String option : options) lines.add(option.replaceFirst("=", " "));
        return lines;
    }

    private static @Nullable String password(List<String> options) {
        String name = "requirepass=";
        return options.stream()
                .filter(option -> option.startsWith(name))
                .map(option -> option.substring(name.length()))
                .findFirst()
                .orElse(null);
    }

    private static int freePort(Kind kind) {
        int port = ServerProcess.freePort();
        while (kind == Kind.CLUSTER && port + BUS_OFFSET > HIGHEST_PORT) port = ServerProcess.freePort();
        return port;
    }

    /** In the data folder, because a Sentinel writes to it. */
    private Path configuration() {
        return dataFolder().resolve("redis.conf");
    }
}
