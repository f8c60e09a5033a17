package io.forebay.benchmarks;

import io.forebay.testservers.PostgresServer;
import io.forebay.testservers.RedisServer;
import java.util.List;
import java.util.Map;

/**
 * How long a cache is behind: from a change event's coming in until Redis has acknowledged it, beside bare commands for the same
 * keys; and from a commit in PostgreSQL until the entry is gone from a near cache.
 */
final class Invalidation {
    private static final List<Integer> RATES = List.of(1_000, 10_000);
    private static final int FLAT_OUT = 0;

    private final boolean quick;
    private final Results results = new Results("invalidation");

    Invalidation(boolean quick) {
        this.quick = quick;
    }

    void run() {
        try (RedisServer redis = RedisServer.create()) {
            paced(redis);
            flatOut(redis);
        }
        evictions();
        if (!quick) results.write();
    }

    private void paced(RedisServer redis) {
        MarkdownTable table = new MarkdownTable("events/s", "", "median, ms", "99 %, ms", "spread of the 99 %");
        for (int rate : RATES) {
            for (InvalidationContender contender : InvalidationContender.values()) {
                Map<String, Figures> figures = measure(redis, contender, rate);
                Figures median = figures.get(Latencies.MEDIAN);
                Figures high = figures.get(Latencies.HIGH);
                results.add(contender.title(), "events/s: %d, median in ms".formatted(rate), median);
                results.add(contender.title(), "events/s: %d, 99 %% in ms".formatted(rate), high);
                table.row(
                        MarkdownTable.exact(rate),
                        contender.title(),
                        MarkdownTable.ratio(median.median()),
                        MarkdownTable.ratio(high.median()),
                        high.spread());
            }
        }
        System.out.println("### From the event until Redis has acknowledged it\n\n" + table);
    }

    private void flatOut(RedisServer redis) {
        MarkdownTable table = new MarkdownTable("", "events/s", "ratio", "spread");
        double bare = 0;
        for (InvalidationContender contender : InvalidationContender.values()) {
            Figures speed = measure(redis, contender, FLAT_OUT).get(InvalidationChild.SPEED);
            if (bare == 0) bare = speed.median();
            results.add(contender.title(), "events per second, flat out", speed);
            table.row(
                    contender.title(),
                    MarkdownTable.count(speed.median()),
                    MarkdownTable.ratio(speed.median() / bare),
                    speed.spread());
        }
        System.out.println("### As many events as it takes\n\n" + table);
    }

    private Map<String, Figures> measure(RedisServer redis, InvalidationContender contender, int rate) {
        return Fork.run(
                InvalidationChild.class,
                List.of(),
                List.of(redis.uri(), contender.name(), Integer.toString(rate), quick ? "2" : "10", quick ? "2" : "5"));
    }

    private void evictions() {
        MarkdownTable table = new MarkdownTable("other commits/s", "from the commit to", "median, ms", "99 %, ms");
        for (int others : List.of(0, 1_000)) {
            Map<String, Figures> figures = evictions(others);
            for (String stage : EvictionChild.STAGES) {
                Figures median = figures.get(stage + Latencies.MEDIAN);
                Figures high = figures.get(stage + Latencies.HIGH);
                results.add(stage, "other commits/s: %d, median in ms".formatted(others), median);
                results.add(stage, "other commits/s: %d, 99 %% in ms".formatted(others), high);
                table.row(
                        MarkdownTable.exact(others),
                        stage,
                        MarkdownTable.ratio(median.median()),
                        MarkdownTable.ratio(high.median()));
            }
        }
        System.out.println("### From the commit until the entry is gone\n\n" + table);
    }

    private Map<String, Figures> evictions(int others) {
        try (PostgresServer postgres = PostgresServer.create();
                RedisServer redis = RedisServer.create()) {
            return Fork.run(
                    EvictionChild.class,
                    List.of(),
                    List.of(
                            Integer.toString(postgres.port()),
                            redis.uri(),
                            Integer.toString(others),
                            quick ? "200" : "3000"));
        }
    }
}
