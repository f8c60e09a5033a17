package io.forebay.testkit;

import io.forebay.ForebayException;
import io.forebay.spi.Driver;
import io.forebay.spi.FedWindow;
import io.forebay.spi.Overlay;
import io.forebay.spi.PendingRow;
import io.forebay.spi.RowKey;
import io.forebay.spi.SharedFeed;
import io.forebay.spi.SharedJournal;
import io.forebay.spi.SharedWindow;
import io.forebay.spi.Stage;
import io.forebay.spi.TableDefinition;
import io.forebay.spi.TransientSinkException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * A shared journal in memory: for tests of what stands before one. It survives every {@link io.forebay.Forebay} that uses
 * it, as a server does; it can be taken away, made to lose replies, and made to give partitions to others. Thread-safe.
 */
public final class MemoryDriver implements Driver {
    private final UUID id = UUID.randomUUID();
    private final List<Lane> lanes = new ArrayList<>(); // guarded by this, as all below
    private final Map<String, TableDefinition> tables = new HashMap<>();
    private final List<Feed> feeds = new ArrayList<>();
    private int partitions;
    private boolean away;
    private int repliesToLose;

    /** One partition: its windows by sequence, and how far each writer is. */
    private static final class Lane {
        private final TreeMap<Long, SharedWindow> windows = new TreeMap<>();
        private final Map<UUID, Written> writers = new HashMap<>();
        private long newest;
        private long released;
        private long wanted;
    }

    /** The newest window of a writer. */
    private record Written(long number, long sequence) {}

    private static final Written NOTHING = new Written(0, 0);

    /** Lets every call fail as one to a server that is down, until it is back. */
    public synchronized void away(boolean isAway) {
        away = isAway;
    }

    /** Lets the next appends succeed and their callers be told otherwise. */
    public synchronized void loseReplies(int count) {
        repliesToLose = count;
    }

    /** Hands every partition to the process after the one that has it, as a rebalance does. */
    public synchronized void rebalance() {
        if (feeds.size() > 1) feeds.add(feeds.remove(0));
    }

    /** Windows that are not deleted yet. */
    public synchronized int windows() {
        return lanes.stream().mapToInt(lane -> lane.windows.size()).sum();
    }

    @Override
    public synchronized SharedJournal open(Settings settings) {
        checkThere();
        if (partitions != 0 && partitions != settings.partitions())
            throw new IllegalArgumentException(
                    "this buffer has %d partitions, not %d".formatted(partitions, settings.partitions()));
        partitions = settings.partitions();
        while (lanes.size() < partitions) lanes.add(new Lane());
        return new Writer();
    }

    private void checkThere() {
        if (away) throw new TransientSinkException("the shared memory is away", null);
    }

    private final class Writer implements SharedJournal {
        private final UUID writer = UUID.randomUUID();

        @Override
        public String description() {
            return "shared memory";
        }

        @Override
        public UUID id() {
            return id;
        }

        @Override
        public CompletableFuture<Long> append(int partition, long number, SharedWindow window) {
            synchronized (MemoryDriver.this) {
                try {
                    return CompletableFuture.completedFuture(add(lanes.get(partition), number, window));
                } catch (TransientSinkException e) {
                    return CompletableFuture.failedFuture(e);
                }
            }
        }

        private long add(Lane lane, long number, SharedWindow window) {
            checkThere();
            Written written = lane.writers.getOrDefault(writer, NOTHING);
            if (number > written.number()) {
                lane.newest++;
                lane.windows.put(lane.newest, window);
                written = new Written(number, lane.newest);
                lane.writers.put(writer, written);
            }
            if (repliesToLose > 0) {
                repliesToLose--;
                throw new TransientSinkException("the reply was lost", null);
            }
            return written.sequence();
        }

        @Override
        public void requireWritable() {
            // waits, as far as the buffer has room
        }

        @Override
        public Tail tail(int partition, RowKey key, long atLeast) {
            synchronized (MemoryDriver.this) {
                checkThere();
                Lane lane = lanes.get(partition);
                List<Overlay.Slice> slices = new ArrayList<>();
                lane.windows.forEach((sequence, window) -> {
                    List<Stage> stages = stages(window, key);
                    if (!stages.isEmpty()) slices.add(new Overlay.Slice(sequence - 1, sequence, stages));
                });
                return new Tail(
                        lane.writers.getOrDefault(writer, NOTHING).number(),
                        lane.newest,
                        new Overlay(lane.released, slices));
            }
        }

        private static List<Stage> stages(SharedWindow window, RowKey key) {
            List<Stage> stages = new ArrayList<>();
            for (PendingRow row : window.rows()) if (row.key().equals(key)) stages.addAll(row.stages());
            return stages;
        }

        @Override
        public void flushSoon(int partition) {
            synchronized (MemoryDriver.this) {
                checkThere();
                Lane lane = lanes.get(partition);
                lane.wanted = lane.newest;
            }
        }

        @Override
        public void define(TableDefinition table) {
            synchronized (MemoryDriver.this) {
                checkThere();
                tables.put(table.info().name(), table);
            }
        }

        @Override
        public Optional<TableDefinition> definition(String table) {
            synchronized (MemoryDriver.this) {
                checkThere();
                return Optional.ofNullable(tables.get(table));
            }
        }

        @Override
        public SharedFeed feed() {
            synchronized (MemoryDriver.this) {
                Feed feed = new Feed();
                feeds.add(feed);
                return feed;
            }
        }

        @Override
        public long backlogBytes() {
            return 0;
        }

        @Override
        public Range range(int partition) {
            synchronized (MemoryDriver.this) {
                checkThere();
                Lane lane = lanes.get(partition);
                return new Range(lane.released, lane.newest);
            }
        }

        @Override
        public void close() {
            // stays, as a server does
        }
    }

    private final class Feed implements SharedFeed {
        private final Map<Integer, Long> fed = new HashMap<>();

        @Override
        public Set<Integer> assigned() {
            synchronized (MemoryDriver.this) {
                checkThere();
                Set<Integer> assigned = new TreeSet<>();
                for (int i = 0; i < partitions; i++) if (feeds.get(i % feeds.size()) == this) assigned.add(i);
                return assigned;
            }
        }

        @Override
        public void begin(int partition, long after) {
            fed.put(partition, after);
        }

        @Override
        public Map<Integer, Long> wanted() {
            synchronized (MemoryDriver.this) {
                checkThere();
                Map<Integer, Long> wanted = new HashMap<>();
                for (int i = 0; i < lanes.size(); i++)
                    if (lanes.get(i).wanted > lanes.get(i).released) wanted.put(i, lanes.get(i).wanted);
                return wanted;
            }
        }

        @Override
        public List<FedWindow> poll(Set<Integer> wanted, Duration wait) {
            synchronized (MemoryDriver.this) {
                checkThere();
                List<FedWindow> pieces = new ArrayList<>();
                for (int partition : wanted) feed(partition, pieces);
                if (pieces.isEmpty()) pause(wait);
                return pieces;
            }
        }

        private void pause(Duration wait) {
            try {
                MemoryDriver.this.wait(Math.max(1, wait.toMillis()));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void feed(int partition, List<FedWindow> pieces) {
            Lane lane = lanes.get(partition);
            long from = fed.getOrDefault(partition, 0L);
            for (Map.Entry<Long, SharedWindow> next :
                    lane.windows.tailMap(from, false).entrySet()) {
                SharedWindow window = next.getValue();
                long to = next.getKey();
                pieces.add(new FedWindow(partition, from, to, Duration.ZERO, window.rows(), window.appends()));
                from = to;
            }
            fed.put(partition, from);
        }

        @Override
        public Map<Integer, ForebayException> unreadable() {
            return Map.of();
        }

        @Override
        public void flushed(int partition, long upTo) {
            synchronized (MemoryDriver.this) {
                checkThere();
                Lane lane = lanes.get(partition);
                lane.windows.headMap(upTo, true).clear();
                lane.released = Math.max(lane.released, upTo);
            }
        }

        @Override
        public void close() {
            synchronized (MemoryDriver.this) {
                feeds.remove(this);
            }
        }
    }
}
