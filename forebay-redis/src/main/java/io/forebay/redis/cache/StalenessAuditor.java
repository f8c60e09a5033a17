package io.forebay.redis.cache;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks, after changes, whether a cache agrees with where its values come from. Of keys that have changed some are sampled; 1,
 * 5 and 10 seconds after the change the loader is asked, and its answer is compared with what Redis and this process's near
 * cache hold. A level that holds nothing is consistent. A key that changes again is compared from its last change on.
 *
 * <p>It costs two calls of the loader for each comparison. Values are compared with {@code equals}. Thread-safe.
 */
public final class StalenessAuditor<V> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StalenessAuditor.class);
    private static final List<Duration> AGES =
            List.of(Duration.ofSeconds(1), Duration.ofSeconds(5), Duration.ofSeconds(10));
    private static final int MOST_SAMPLES = 10_000;
    private static final long TURN_MILLIS = 100;

    private final ConsistentCache<V> cache;
    private final Function<? super String, ? extends @Nullable V> loader;
    private final int oneIn;
    private final LongSupplier nanoTime;
    private final ScheduledExecutorService turns;
    private final ReentrantLock lock = new ReentrantLock();
    private final List<Queue<Sample>> waiting = new ArrayList<>(); // by age, oldest first; guarded by lock
    private final Map<String, Long> changed = new HashMap<>(); // when, of the keys that wait; guarded by lock
    private final List<Tally> tallies = new ArrayList<>(); // by age; guarded by lock
    private long changes; // guarded by lock

    private record Sample(String key, long nanos) {}

    /**
     * What was found so far at one time after changes.
     *
     * @param age that time
     * @param compared keys that were compared
     * @param near of these, those of which the near cache held the right value, or none
     * @param redis of these, those of which Redis held the right value, or none
     * @param overtaken keys that were not compared, because they changed meanwhile
     * @param failed keys that were not compared, because loader or Redis failed
     */
    public record Tally(Duration age, long compared, long near, long redis, long overtaken, long failed) {
        private Tally found(boolean nearIsRight, boolean redisIsRight) {
            return new Tally(
                    age, compared + 1, near + (nearIsRight ? 1 : 0), redis + (redisIsRight ? 1 : 0), overtaken, failed);
        }

        private Tally overtakenOnce() {
            return new Tally(age, compared, near, redis, overtaken + 1, failed);
        }

        private Tally failedOnce() {
            return new Tally(age, compared, near, redis, overtaken, failed + 1);
        }
    }

    StalenessAuditor(
            ConsistentCache<V> cache,
            Function<? super String, ? extends @Nullable V> loader,
            int oneIn,
            LongSupplier nanoTime) {
        if (oneIn < 1)
            throw new IllegalArgumentException("one in %d keys cannot be sampled, at least 1".formatted(oneIn));
        this.cache = cache;
        this.loader = loader;
        this.oneIn = oneIn;
        this.nanoTime = nanoTime;
        for (Duration age : AGES) {
            waiting.add(new ArrayDeque<>());
            tallies.add(new Tally(age, 0, 0, 0, 0, 0));
        }
        this.turns = Executors.newSingleThreadScheduledExecutor(work -> {
            Thread thread = new Thread(work, "forebay-cache-auditor");
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Begins, with a thread of its own.
     *
     * @param loader gives the value as the database has it at this moment, null if there is none
     * @param oneIn how many changed keys there are for each that is sampled, at least 1
     */
    public static <V> StalenessAuditor<V> start(
            ConsistentCache<V> cache, Function<? super String, ? extends @Nullable V> loader, int oneIn) {
        StalenessAuditor<V> auditor = new StalenessAuditor<>(cache, loader, oneIn, System::nanoTime);
        var unused =
                auditor.turns.scheduleWithFixedDelay(auditor::runOnce, TURN_MILLIS, TURN_MILLIS, TimeUnit.MILLISECONDS);
        return auditor;
    }

    /** A key has changed in the database. Does not wait; while 10,000 samples wait no more are taken. */
    public void changed(String key) {
        long now = nanoTime.getAsLong();
        lock.lock();
        try {
            boolean waits = changed.containsKey(key);
            if (!waits && (changes++ % oneIn != 0 || changed.size() >= MOST_SAMPLES)) return;
            changed.put(key, now);
            waiting.get(0).add(new Sample(key, now));
        } finally {
            lock.unlock();
        }
    }

    /** What was found so far, after 1, 5 and 10 seconds. */
    public List<Tally> report() {
        lock.lock();
        try {
            return List.copyOf(tallies);
        } finally {
            lock.unlock();
        }
    }

    /** Compares what is due; returns how many keys that were. */
    int runOnce() {
        int compared = 0;
        for (int age = 0; age < AGES.size(); age++) {
            for (Sample sample = next(age); sample != null; sample = next(age)) {
                Tally before = tally(age);
                settle(age, sample, compared(before, sample.key()));
                compared++;
            }
        }
        return compared;
    }

    /** The next sample that is old enough, and whose key has not changed since. */
    private @Nullable Sample next(int age) {
        lock.lock();
        try {
            Queue<Sample> due = waiting.get(age);
            while (!due.isEmpty()) {
                Sample oldest = due.element();
                if (nanoTime.getAsLong() - oldest.nanos() < AGES.get(age).toNanos()) return null;
                due.remove();
                if (isLatest(oldest)) return oldest;
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    private boolean isLatest(Sample sample) {
        Long last = changed.get(sample.key());
        return last != null && last == sample.nanos();
    }

    private Tally tally(int age) {
        lock.lock();
        try {
            return tallies.get(age);
        } finally {
            lock.unlock();
        }
    }

    private void settle(int age, Sample sample, Tally tally) {
        lock.lock();
        try {
            tallies.set(age, isLatest(sample) ? tally : tallies.get(age).overtakenOnce());
            if (!isLatest(sample)) return;
            if (age + 1 < AGES.size()) waiting.get(age + 1).add(sample);
            else changed.remove(sample.key());
        } finally {
            lock.unlock();
        }
    }

    private Tally compared(Tally tally, String key) {
        try {
            Known<V> before = Known.of(loader.apply(key));
            Known<V> near = cache.peekNear(key);
            Known<V> redis = cache.peekRedis(key);
            Known<V> after = Known.of(loader.apply(key));
            if (!before.equals(after)) return tally.overtakenOnce();
            boolean nearIsRight = near == null || near.equals(after);
            boolean redisIsRight = redis == null || redis.equals(after);
            if (!nearIsRight || !redisIsRight)
                LOG.debug(
                        "key '{}' is stale {} after its change: near {}, Redis {}",
                        key,
                        tally.age(),
                        nearIsRight,
                        redisIsRight);
            return tally.found(nearIsRight, redisIsRight);
        } catch (RuntimeException e) {
            LOG.debug("key '{}' could not be compared", key, e);
            return tally.failedOnce();
        }
    }

    /** Ends; what still waits is not compared. */
    @Override
    public void close() {
        turns.shutdownNow();
    }
}
