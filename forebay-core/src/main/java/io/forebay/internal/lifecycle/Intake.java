package io.forebay.internal.lifecycle;

import io.forebay.Ack;
import io.forebay.Durability;
import io.forebay.ForebayClosedException;
import io.forebay.ForebayListener;
import io.forebay.JournalWriteException;
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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Where writes come in: admitted if there is room, put into their partition's open window, answered with an ack. Thread-safe. */
final class Intake {
    private final String database;
    private final List<Partition> partitions;
    private final Budgets budgets;
    private final Downstream downstream;
    private final Counters counters;
    private final ForebayListener listener;
    private volatile boolean closed;

    Intake(
            String database,
            List<Partition> partitions,
            Budgets budgets,
            Downstream downstream,
            Counters counters,
            ForebayListener listener) {
        this.database = database;
        this.partitions = partitions;
        this.budgets = budgets;
        this.downstream = downstream;
        this.counters = counters;
        this.listener = listener;
    }

    /**
     * Takes one write.
     *
     * @throws io.forebay.BufferFullException if there is no room in time
     * @throws io.forebay.HaltedException if its partition was taken by a newer owner
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
        downstream.wake();
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
        return new WriteAck(window, durability, write, downstream);
    }

    /**
     * Takes several writes and the position of what they come from; all are in one frame of the journal, or none is.
     *
     * @param writes at least one
     */
    Ack write(List<Write> writes, String source, String position, Durability durability) {
        SortedSet<Integer> numbers = admit(writes, 0);
        if (downstream.isBroken(source))
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
        downstream.wake();

        List<Ack> acks = new ArrayList<>(writes.size() + 1);
        for (int i = 0; i < writes.size(); i++) acks.add(ack(writes.get(i), durability, windows.get(i)));
        if (moved != null) acks.add(new WriteAck(moved, durability, null, downstream));
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
        downstream.requireTaking(partition);
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
        downstream.hurry();
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

    /** Refuses every write from now on, those that wait for room included. */
    void close() {
        closed = true;
        budgets.close();
    }
}
