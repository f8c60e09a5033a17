package io.forebay.internal.pending;

import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/** Which partition counts on which budget: all on one, or each on its own. Thread-safe. */
public final class Budgets {
    private final List<Budget> byPartition;
    private final List<Budget> all;

    private Budgets(List<Budget> byPartition, List<Budget> all) {
        this.byPartition = byPartition;
        this.all = all;
    }

    /** One budget for all partitions: what is pending of one may take the room of the others. */
    public static Budgets shared(int partitions, Budget budget) {
        return new Budgets(Collections.nCopies(partitions, budget), List.of(budget));
    }

    /** A budget for each partition, with the limits of the one given: one that is full does not stop the others. */
    public static Budgets each(int partitions, Budget budget) {
        List<Budget> budgets =
                Stream.generate(budget::sibling).limit(partitions).toList();
        return new Budgets(budgets, budgets);
    }

    /** The budget of one partition. */
    public Budget of(int partition) {
        return byPartition.get(partition);
    }

    /**
     * Waits until any partition has room.
     *
     * @return the first that has, looking from {@code first} on and round; {@code first} when the engine is closed
     * @throws io.forebay.BufferFullException as {@link Budget#awaitRoom}
     */
    public int awaitAny(int first) {
        byPartition.get(first).await(() -> withRoom(first) >= 0);
        return Math.max(first, withRoom(first));
    }

    /** The first partition with room, looking from {@code first} on and round; -1 if none has. */
    private int withRoom(int first) {
        int count = byPartition.size();
        for (int i = 0; i < count; i++) {
            int candidate = (first + i) % count;
            if (byPartition.get(candidate).hasRoom()) return candidate;
        }
        return -1;
    }

    /** Whether none is full. */
    public boolean haveRoom() {
        for (Budget budget : all) if (!budget.hasRoom()) return false;
        return true;
    }

    /** Pending rows in all of them. */
    public long rows() {
        return all.stream().mapToLong(Budget::rows).sum();
    }

    /** Their estimated bytes. */
    public long bytes() {
        return all.stream().mapToLong(Budget::bytes).sum();
    }

    /** Lets every waiting writer go on, to find out that the engine is closed. */
    public void close() {
        all.forEach(Budget::close);
    }
}
