package io.forebay.benchmarks.peers;

import io.forebay.benchmarks.BenchmarkDatabase;
import io.forebay.benchmarks.Figures;
import io.forebay.benchmarks.Folders;
import io.forebay.benchmarks.Fork;
import io.forebay.benchmarks.MarkdownTable;
import io.forebay.benchmarks.Results;
import io.forebay.benchmarks.Servers;
import io.forebay.testservers.PostgresServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import redis.embedded.RedisServer;

/**
 * {@code peers [--quick] [CONTENDER…]}: write-behind of other products beside Forebay, on one workload with one database.
 */
public final class Peers {
    private final boolean quick;
    private final PostgresServer postgres;
    private final int redisPort;
    private final Results results = new Results("peers");
    private final MarkdownTable speeds = new MarkdownTable(
            "",
            "counters/s",
            "Forebay is × as fast",
            "spread",
            "operations",
            "s until the database holds all",
            "statements",
            "rows sent per operation",
            "last-seen/s",
            "audit rows/s");
    private final MarkdownTable kills =
            new MarkdownTable("", "delay", "acknowledged before the kill", "lost", "doubled", "lost, %");
    private double forebayPerSecond = Double.NaN; // unless it is measured

    private Peers(boolean quick, PostgresServer postgres, int redisPort) {
        this.quick = quick;
        this.postgres = postgres;
        this.redisPort = redisPort;
    }

    /**
     * The name of the benchmark, {@code --quick} for fewer operations and one iteration, and the contenders if not all of
     * them are wanted.
     */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        List<String> given = new ArrayList<>(List.of(arguments).subList(1, arguments.length));
        boolean quick = given.remove("--quick");
        List<Contender> contenders = contenders(given);
        int redisPort = freePort();
        Path folder = Folders.create();
        RedisServer redis = RedisServer.newRedisServer()
                .port(redisPort)
                .setting("dir " + folder)
                .setting("appendonly yes")
                .build();
        redis.start();
        try (PostgresServer postgres = Servers.postgres()) {
            new Peers(quick, postgres, redisPort).run(contenders);
        } finally {
            redis.stop();
            Folders.delete(folder);
        }
    }

    private static List<Contender> contenders(List<String> given) {
        try {
            return given.isEmpty()
                    ? List.of(Contender.values())
                    : given.stream().map(Contender::of).toList();
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(2);
            return List.of();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private void run(List<Contender> contenders) throws InterruptedException {
        for (Contender contender : contenders) {
            measure(contender);
            kill(contender, 1);
            if (!quick) kill(contender, 5);
        }
        System.out.println("### Ingest, and the way to the database\n");
        System.out.println(speeds);
        System.out.println("### One SIGKILL, %d ms after the first ack, and a restart%n".formatted(writeMillis()));
        System.out.println(kills);
        if (!quick && contenders.size() == Contender.values().length) results.write();
    }

    private int delaySeconds() {
        return quick ? 1 : 5;
    }

    private int operations() {
        return quick ? 200_000 : 1_000_000;
    }

    private long writeMillis() {
        return quick ? 1_500 : 2_500;
    }

    private void measure(Contender contender) {
        Path folder = Folders.create();
        try {
            Map<String, Figures> figures = Fork.run(
                    PeerChild.class,
                    contender.jvmOptions(),
                    arguments(PeerChild.Task.MEASURE, contender, delaySeconds(), folder));
            figures.forEach((measure, figure) -> results.add(contender.title(), measure, figure));
            addSpeed(contender, figures);
        } finally {
            Folders.delete(folder);
        }
    }

    private void addSpeed(Contender contender, Map<String, Figures> figures) {
        Figures counters = figures.get(Measurement.COUNTERS_PER_SECOND);
        if (contender == Contender.FOREBAY) forebayPerSecond = counters.median();
        boolean complete = figures.get(Measurement.MISSED).values().stream().allMatch(missed -> missed == 0);
        speeds.row(
                contender.title(),
                MarkdownTable.count(counters.median()),
                timesSlower(counters),
                counters.spread(),
                MarkdownTable.exact(contender.operations(operations())),
                decimal(figures.get(Measurement.SECONDS_TO_DATABASE)) + (complete ? "" : ", and not all arrived"),
                MarkdownTable.count(figures.get(Measurement.STATEMENTS).median()),
                decimal(figures.get(Measurement.ROWS_PER_OPERATION)),
                MarkdownTable.count(figures.get(Measurement.STAMPS_PER_SECOND).median()),
                MarkdownTable.count(figures.get(Measurement.AUDIT_PER_SECOND).median()));
    }

    private String timesSlower(Figures counters) {
        return Double.isNaN(forebayPerSecond) ? "" : MarkdownTable.ratio(forebayPerSecond / counters.median());
    }

    private static String decimal(Figures figures) {
        return MarkdownTable.ratio(figures.median());
    }

    private void kill(Contender contender, int delaySeconds) throws InterruptedException {
        Path folder = Folders.create();
        try (BenchmarkDatabase database = new BenchmarkDatabase(postgres.jdbcUrl())) {
            KillTest.Account account = new KillTest(
                            database,
                            task -> Fork.start(
                                    PeerChild.class,
                                    contender.jvmOptions(),
                                    arguments(task, contender, delaySeconds, folder)))
                    .run(writeMillis());
            kills.row(
                    contender.title(),
                    delaySeconds + " s",
                    MarkdownTable.exact(account.acknowledged()),
                    MarkdownTable.exact(account.lost()),
                    MarkdownTable.exact(account.doubled()),
                    String.format(Locale.ROOT, "%.1f", 100.0 * account.lost() / account.acknowledged()));
        } finally {
            Folders.delete(folder);
        }
    }

    private List<String> arguments(PeerChild.Task task, Contender contender, int delaySeconds, Path folder) {
        return List.of(
                task.name(),
                contender.name(),
                postgres.jdbcUrl(),
                Integer.toString(delaySeconds),
                folder.toString(),
                Integer.toString(redisPort),
                Integer.toString(contender.operations(operations())),
                quick ? "1" : "3");
    }
}
