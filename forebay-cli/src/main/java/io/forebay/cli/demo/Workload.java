package io.forebay.cli.demo;

import java.time.Instant;
import java.util.SplittableRandom;

/** What visitors of a web site do; the same for the same seed. */
final class Workload {
    static final int PATHS = 100_000;
    static final int VISITORS = 20_000;
    static final double EXPONENT = 0.99;

    private static final int SEEN_EVERY = 4;
    private static final int AUDIT_EVERY = 10;
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final long views;
    private final long seed;

    Workload(long views, long seed) {
        this.views = views;
        this.seed = seed;
    }

    /** Takes the writes one by one. */
    interface Writer {
        void view(String path);

        void seen(String visitor, Instant at);

        void audit(String visitor, String path);

        /** Asked after every view; false ends the work early. */
        default boolean goesOn(long viewsDone) {
            return true;
        }
    }

    /** Sends everything to {@code writer}; returns how many writes there were. */
    long run(Writer writer) {
        SplittableRandom random = new SplittableRandom(seed);
        Zipf pages = new Zipf(PATHS, EXPONENT);
        long writes = 0;
        for (long i = 1; i <= views; i++) {
            String path = "/page/" + pages.next(random);
            String visitor = "visitor-" + random.nextInt(VISITORS);
            writer.view(path);
            writes++;
            if (i % SEEN_EVERY == 0) {
                writer.seen(visitor, START.plusSeconds(i / 100 - random.nextInt(60)));
                writes++;
            }
            if (i % AUDIT_EVERY == 0) {
                writer.audit(visitor, path);
                writes++;
            }
            if (!writer.goesOn(i)) return writes;
        }
        return writes;
    }

    long views() {
        return views;
    }

    long seens() {
        return views / SEEN_EVERY;
    }

    long audits() {
        return views / AUDIT_EVERY;
    }

    long writes() {
        return views + seens() + audits();
    }
}
