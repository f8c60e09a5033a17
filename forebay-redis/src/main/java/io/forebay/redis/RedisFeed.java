package io.forebay.redis;

import static io.forebay.redis.BufferSets.bytes;
import static io.forebay.redis.BufferSets.number;

import io.forebay.FlushPolicy;
import io.forebay.ForebayException;
import io.forebay.redis.BufferSets.ClosedSet;
import io.forebay.spi.FedWindow;
import io.forebay.spi.MismatchException;
import io.forebay.spi.SharedFeed;
import io.forebay.spi.TransientSinkException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One process's part in flushing a buffer in Redis. A lease of a partition saves others the work; that two believe to have
 * it harms nothing. Used by one thread.
 */
final class RedisFeed implements SharedFeed {
    private static final Logger LOG = LoggerFactory.getLogger(RedisFeed.class);
    private static final int SETS_AT_ONCE = 4;
    private static final int DELETED_AT_ONCE = 64;
    private static final int ROUNDS_PER_LEASE = 6;
    private static final long TIDY_NANOS = TimeUnit.HOURS.toNanos(1);

    private final RedisJournal journal;
    private final BufferSets sets;
    private final FlushPolicy flush;
    private final Duration lease;
    private final String name = UUID.randomUUID().toString();
    private final Set<Integer> held = new TreeSet<>();
    private final Set<Integer> dropped = new TreeSet<>(); // and nobody was told yet
    private final Map<Integer, Long> fed = new HashMap<>(); // of the partitions that were begun
    private final Map<Integer, ForebayException> unreadable = new TreeMap<>();
    private final Map<Integer, View> views = new HashMap<>();
    private final long jitterMillis;
    private Set<Integer> hungry = Set.of();
    private long nextRoundNanos = System.nanoTime();
    private long nextTidyNanos = System.nanoTime() + TIDY_NANOS;

    /** A partition as it was seen last. */
    private record View(long millis, List<ClosedSet> closed) {}

    RedisFeed(RedisJournal journal, FlushPolicy flush, Duration lease) {
        this.journal = journal;
        this.sets = journal.sets();
        this.flush = flush;
        this.lease = lease;
        this.jitterMillis = ThreadLocalRandom.current().nextLong(flush.jitter().toMillis() + 1);
    }

    @Override
    public Set<Integer> assigned() {
        if (System.nanoTime() - nextRoundNanos >= 0) {
            round();
            nextRoundNanos = System.nanoTime() + lease.toNanos() / ROUNDS_PER_LEASE;
            dropped.clear();
        }
        return Set.copyOf(held);
    }

    private void round() {
        journal.restoreFacts();
        boolean tidy = System.nanoTime() - nextTidyNanos >= 0;
        journal.look(tidy);
        if (tidy) nextTidyNanos = System.nanoTime() + TIDY_NANOS;
        share();
    }

    /** Keeps, takes or gives back leases, so that each who flushes has as many as the others, or one more. */
    private void share() {
        List<String> feeds = sets
                .call(
                        BufferScripts.ANNOUNCE,
                        List.of(sets.keys().feeds()),
                        List.of(bytes(name), bytes(lease.toMillis())))
                .stream()
                .map(BufferSets::text)
                .sorted()
                .toList();
        int rank = feeds.indexOf(name);
        int partitions = journal.partitions();
        int share = partitions / feeds.size() + (rank < partitions % feeds.size() ? 1 : 0);

        for (int partition : List.copyOf(held)) if (held.size() > share) giveBack(partition);
        for (int partition : List.copyOf(held)) if (!lease(partition)) drop(partition);
        for (int i = 0; i < partitions && held.size() < share; i++) {
            int partition = (int) ((i + (long) rank * partitions / feeds.size()) % partitions);
            if (!held.contains(partition) && !dropped.contains(partition) && lease(partition)) held.add(partition);
        }
    }

    private boolean lease(int partition) {
        return sets.number(
                        BufferScripts.LEASE,
                        sets.keys().lease(partition),
                        List.of(bytes(name), bytes(lease.toMillis())))
                == 1;
    }

    private void giveBack(int partition) {
        drop(partition);
        sets.number(BufferScripts.GIVE_BACK, sets.keys().lease(partition), List.of(bytes(name)));
    }

    /** It is not taken again before the caller has heard of it, and knows that it has to begin anew. */
    private void drop(int partition) {
        held.remove(partition);
        dropped.add(partition);
        fed.remove(partition);
        views.remove(partition);
    }

    @Override
    public void begin(int partition, long after) {
        if (!held.contains(partition)) return;
        fed.put(partition, after);
        views.remove(partition);
    }

    /** Also closes the sets that are due. */
    @Override
    public Map<Integer, Long> wanted() {
        Map<Integer, CompletableFuture<List<@Nullable Object>>> takes = new TreeMap<>();
        fed.forEach((partition, after) -> takes.put(partition, take(partition, after)));
        Map<Integer, Long> wanted = new TreeMap<>();
        takes.forEach((partition, taken) -> {
            List<@Nullable Object> reply = BufferSets.await(taken);
            if (number(reply, 1) > 0) wanted.put(partition, number(reply, 1));
            journal.backlog(partition, number(reply, 3));
            views.put(partition, new View(number(reply, 2), BufferSets.closed(reply.get(4))));
        });
        return wanted;
    }

    private CompletableFuture<List<@Nullable Object>> take(int partition, long after) {
        long age = hungry.contains(partition) ? flush.interval().toMillis() + jitterMillis : Long.MAX_VALUE >> 10;
        return sets.run(
                BufferScripts.TAKE, partition, after + 1, List.of(), BufferSets.numbers(age, after, SETS_AT_ONCE));
    }

    @Override
    public List<FedWindow> poll(Set<Integer> partitions, Duration wait) {
        hungry = Set.copyOf(partitions);
        List<FedWindow> pieces = new ArrayList<>();
        for (int partition : partitions) {
            try {
                read(partition, pieces);
            } catch (MismatchException e) {
                fed.remove(partition);
                unreadable.put(partition, e);
            }
        }
        for (FedWindow piece : pieces) fed.put(piece.partition(), piece.to()); // all or, if one cannot be read, none
        if (pieces.isEmpty()) pause(wait);
        return pieces;
    }

    private void read(int partition, List<FedWindow> pieces) {
        View view = views.remove(partition);
        Long from = fed.get(partition);
        if (view == null || from == null) return;
        for (ClosedSet set : view.closed()) {
            List<byte[]> names = new ArrayList<>(sets.keys().partition(partition));
            names.addAll(sets.keys().set(partition, set.number()));
            List<@Nullable Object> content = sets.call(BufferScripts.READ, names, List.of(bytes(set.member())));
            if (content.isEmpty()) return; // deleted by another flusher: the database will say so
            pieces.add(piece(partition, from, set, view, content));
            from = set.number();
        }
    }

    private static FedWindow piece(int partition, long from, ClosedSet set, View view, List<@Nullable Object> content) {
        return SetContent.reading(
                "set %d of partition %d".formatted(set.number(), partition),
                () -> new FedWindow(
                        partition,
                        from,
                        set.number(),
                        Duration.ofMillis(Math.max(0, view.millis() - set.begunMillis())),
                        SetContent.rows(list(content, 0), list(content, 1)),
                        SetContent.appends(list(content, 2))));
    }

    @Override
    public Map<Integer, ForebayException> unreadable() {
        Map<Integer, ForebayException> told = Map.copyOf(unreadable);
        unreadable.clear();
        return told;
    }

    private static List<?> list(List<@Nullable Object> reply, int at) {
        return reply.get(at) instanceof List<?> list ? list : List.of();
    }

    private static void pause(Duration wait) {
        try {
            TimeUnit.NANOSECONDS.sleep(wait.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void flushed(int partition, long upTo) {
        long gone = DELETED_AT_ONCE;
        while (gone == DELETED_AT_ONCE) {
            List<@Nullable Object> reply = delete(partition, upTo);
            gone = number(reply, 1);
            journal.backlog(partition, number(reply, 2));
        }
    }

    /** Which of the oldest sets may be deleted is decided by Redis, when it deletes them. */
    private List<@Nullable Object> delete(int partition, long upTo) {
        List<byte[]> names = new ArrayList<>();
        List<byte[]> arguments = new ArrayList<>(List.of(bytes(upTo)));
        for (ClosedSet set : oldest(partition)) {
            names.addAll(sets.keys().set(partition, set.number()));
            arguments.add(bytes(set.member()));
        }
        return BufferSets.await(sets.run(BufferScripts.RELEASE, partition, upTo + 1, names, arguments));
    }

    private List<ClosedSet> oldest(int partition) {
        List<@Nullable Object> reply = BufferSets.await(sets.run(
                BufferScripts.TAKE,
                partition,
                0,
                List.of(),
                BufferSets.numbers(Long.MAX_VALUE >> 10, 0, DELETED_AT_ONCE)));
        return BufferSets.closed(reply.get(4));
    }

    @Override
    public void close() {
        try {
            for (int partition : List.copyOf(held)) giveBack(partition);
            sets.number(BufferScripts.LEAVE, sets.keys().feeds(), List.of(bytes(name)));
        } catch (TransientSinkException e) {
            LOG.debug("leases end by themselves: {}", e.getMessage());
        }
    }
}
