package io.forebay.internal.lifecycle;

import io.forebay.Ack;
import io.forebay.Durability;
import io.forebay.ForebayClosedException;
import io.forebay.ForebayListener;
import io.forebay.HaltedException;
import io.forebay.JournalWriteException;
import io.forebay.Position;
import io.forebay.internal.commit.GroupCommit;
import io.forebay.internal.flush.Counters;
import io.forebay.internal.pending.Budget;
import io.forebay.internal.pending.Budgets;
import io.forebay.internal.pending.Partition;
import io.forebay.internal.pending.WindowAck;
import io.forebay.spi.RowKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Where writes come in: admitted if there is room, put into their partition's open window, answered with an ack. Thread-safe. */
final class Intake {
    private final String database;
    private final List<Partition> partitions;
    private final Budgets budgets;
    private final GroupCommit commit;
    private final FlushCrew crew;
    private final JournalKeeper journal;
    private final Counters counters;
    private final ForebayListener listener;
    private final AtomicBoolean anyFenced;
    private final Consumer<Position> flushSoon = this::flushSoon;
    private volatile boolean closed;

    /** @param anyFenced set once any partition was taken by a newer owner */
    Intake(
            String database,
            List<Partition> partitions,
            Budgets budgets,
            GroupCommit commit,
            FlushCrew crew,
            JournalKeeper journal,
            Counters counters,
            ForebayListener listener,
            AtomicBoolean anyFenced) {
        this.database = database;
        this.partitions = partitions;
        this.budgets = budgets;
        this.commit = commit;
        this.crew = crew;
        this.journal = journal;
        this.counters = counters;
        this.listener = listener;
        this.anyFenced = anyFenced;
    }

    /**
     * Takes one write.
     *
     * @throws io.forebay.BufferFullException if there is no room in time
     * @throws HaltedException if its partition was taken by a newer owner
     * @throws ForebayClosedException if this engine is closed
     */
    Ack write(Write write, Durability durability) {
        admit(write.partition());
        return take(write, durability);
    }

    /** Takes one write that may go to any partition: the first with room, looking from {@code first} on. */
    Ack writeAnywhere(int first, IntFunction<Write> to, Durability durability) {
        return take(to.apply(admitAnywhere(first)), durability);
    }

    /** As {@link #writeAnywhere}, for several writes to the same partition; all are in one frame, or none is. */
    Ack writeAllAnywhere(int first, IntFunction<List<Write>> to, Durability durability) {
        int partition = admitAnywhere(first);
        return put(to.apply(partition), new TreeSet<>(Set.of(partition)), () -> null, durability);
    }

    private Ack take(Write write, Durability durability) {
        WriteAck ack = ack(write, durability, put(write));
        journal.wake();
        return ack;
    }

    private WindowAck put(Write write) {
        counters.mutations.increment();
        Partition partition = partitions.get(write.partition());
        if (write instanceof Write.ToRow row) return partition.add(row.mutation());
        if (write instanceof Write.Counted counted) return partition.add(counted.increment());
        return partition.add(((Write.Appended) write).append());
    }

    private WriteAck ack(Write write, Durability durability, WindowAck window) {
        return new WriteAck(window, durability, write, flushSoon);
    }

    /**
     * Takes several writes and the position of what they come from; all are in one frame of the journal, or none is.
     *
     * @param writes at least one
     */
    Ack write(List<Write> writes, String source, String position, Durability durability) {
        SortedSet<Integer> numbers = admit(writes, 0);
        if (commit.isBroken(source))
            throw new JournalWriteException(
                    "%s: an earlier write of source %s was refused; ask for its position and go on from there"
                            .formatted(database, source),
                    null);
        return put(writes, numbers, () -> partitions.get(0).reached(source, position), durability);
    }

    /**
     * Takes several writes; all are in one frame of the journal, or none is.
     *
     * @param writes at least one
     */
    Ack write(List<Write> writes, Durability durability) {
        return put(writes, admit(writes), () -> null, durability);
    }

    private SortedSet<Integer> admit(List<Write> writes, int... others) {
        SortedSet<Integer> numbers = new TreeSet<>();
        for (int number : others) numbers.add(number);
        for (Write write : writes) numbers.add(write.partition());
        numbers.forEach(this::admit);
        return numbers;
    }

    /** @param last what else goes in under the same locks; its window, or null */
    private Ack put(
            List<Write> writes, SortedSet<Integer> numbers, Supplier<@Nullable WindowAck> last, Durability durability) {
        List<WindowAck> windows = new ArrayList<>(writes.size());
        WindowAck moved;
        for (int number : numbers) partitions.get(number).lock();
        try {
            refuseDuplicates(writes);
            for (Write write : writes) windows.add(put(write));
            moved = last.get();
        } finally {
            for (int number : numbers) partitions.get(number).unlock();
        }
        journal.wake();

        List<Ack> acks = new ArrayList<>(writes.size() + 1);
        for (int i = 0; i < writes.size(); i++) acks.add(ack(writes.get(i), durability, windows.get(i)));
        if (moved != null) acks.add(new WriteAck(moved, durability, null, flushSoon));
        return new GroupAck(acks);
    }

    /** Before the first write of a group goes in, none of them may be one that is refused here. */
    private void refuseDuplicates(List<Write> writes) {
        Map<RowKey, Boolean> inserted = new HashMap<>();
        for (Write write : writes) {
            if (!(write instanceof Write.ToRow row)) continue;
            RowKey key = row.mutation().key();
            switch (row.mutation().stage().kind()) {
                case INSERT -> {
                    Boolean before = inserted.put(key, true);
                    if (before == null) partitions.get(row.partition()).refuseDuplicate(key);
                    else if (before) throw Partition.duplicate(key);
                }
                case DELETE -> inserted.put(key, false);
                case UPDATE, UPSERT, REPLACE -> {}
            }
        }
    }

    private void admit(int partition) {
        requireOpen();
        requireNotFenced(partition);
        Budget budget = budgets.of(partition);
        if (!budget.hasRoom()) waitFor(budget::awaitRoom);
    }

    /** There is no newer owner where writes may go anywhere: nothing fences a handler. */
    private int admitAnywhere(int first) {
        requireOpen();
        if (budgets.of(first).hasRoom()) return first;
        AtomicInteger partition = new AtomicInteger();
        waitFor(() -> partition.set(budgets.awaitAny(first)));
        return partition.get();
    }

    private void waitFor(Runnable room) {
        long start = System.nanoTime();
        boolean refused = true;
        crew.wake();
        try {
            room.run();
            refused = false;
        } finally {
            listener.blocked(database, Duration.ofNanos(System.nanoTime() - start), refused);
        }
        requireOpen();
    }

    /** @throws ForebayClosedException after {@link #close} */
    void requireOpen() {
        if (closed) throw new ForebayClosedException(database + " is closed", null);
    }

    /** @throws HaltedException if a newer owner has taken the partition */
    void requireNotFenced(int partition) {
        if (anyFenced.get() && crew.isFenced(partition)) throw haltedCopy(partition);
    }

    /** Refuses every write from now on, those that wait for room included. */
    void close() {
        closed = true;
        budgets.close();
    }

    private HaltedException haltedCopy(int partition) {
        HaltedException halted = crew.halted(partition);
        String message =
                halted == null ? "partition " + partition + " has stopped" : String.valueOf(halted.getMessage());
        return new HaltedException(message, halted);
    }

    private void flushSoon(Position position) {
        partitions.get(position.partition()).want(position.sequence());
        crew.wake();
    }
}
