package io.forebay.internal.flush;

import io.forebay.internal.commit.GroupCommit;
import io.forebay.internal.commit.PartitionHistory;
import io.forebay.internal.pending.Partition;
import io.forebay.internal.pending.Window;
import io.forebay.spi.MismatchException;
import io.forebay.spi.Sink;
import io.forebay.spi.Watermark;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;

/**
 * Becoming the owner of a partition, and bringing what is pending here together with what the database holds. Nothing is
 * guessed: a watermark is believed only if the journal knows the batch that ended there.
 */
public final class JournalOwnership implements Ownership {
    private final Sink sink;
    private final UUID journal;
    private final GroupCommit commit;
    private final Runnable attach;
    private final Map<Integer, PartitionHistory> opened = new ConcurrentHashMap<>();
    private final IntFunction<PartitionHistory> reread;

    /**
     * @param attach makes sure, once, that database and journal belong together
     * @param opened what the journal said when it was opened, by partition: true until a partition is taken, because
     *     nothing is sealed before
     * @param reread reads what the journal's files say of a partition now, released windows included
     */
    public JournalOwnership(
            Sink sink,
            UUID journal,
            GroupCommit commit,
            Runnable attach,
            Map<Integer, PartitionHistory> opened,
            IntFunction<PartitionHistory> reread) {
        this.sink = sink;
        this.journal = journal;
        this.commit = commit;
        this.attach = attach;
        this.opened.putAll(opened);
        this.reread = reread;
    }

    /**
     * Takes the next epoch and begins anew from the watermark.
     *
     * @throws MismatchException if the journal does not know the watermark, or no longer holds what is newer than it
     */
    @Override
    public Taken take(Partition partition) {
        attach.run();
        Watermark watermark = sink.own(journal, partition.number());
        if (partition.endsBatchInFlight(watermark.sequence(), watermark.batch())) return new Taken(watermark, false);

        long released = partition.released();
        boolean rewound = watermark.sequence() < released;
        PartitionHistory known = opened.remove(partition.number());
        if (known == null || rewound) known = reread.apply(partition.number());
        check(partition, watermark, known);
        partition.restart(
                watermark.sequence(),
                rewound ? lost(known, watermark.sequence(), released) : List.of(),
                known.lastSeal());
        commit.reached(partition.number(), watermark);
        return new Taken(watermark, rewound);
    }

    /** One process at a time has the journal, so a newer owner means that this one was taken for dead. */
    @Override
    public boolean mayComeBack() {
        return false;
    }

    private void check(Partition partition, Watermark watermark, PartitionHistory known) {
        long sequence = watermark.sequence();
        if (sequence > partition.newestJournaled())
            throw mismatch(partition, watermark, "the journal ends at %d, before it".formatted(known.lastSequence()));
        if (sequence > 0 && !Objects.equals(known.batchEnds().get(sequence), watermark.batch()))
            throw mismatch(partition, watermark, "the journal knows no such batch");
        if (sequence < partition.released() && sequence < known.completeAbove())
            throw mismatch(
                    partition,
                    watermark,
                    "the database has gone back further than applied segments were kept: they begin after %d"
                            .formatted(known.completeAbove()));
    }

    private static List<Window> lost(PartitionHistory known, long above, long upTo) {
        return known.windows().stream()
                .filter(window -> window.sequence() > above && window.sequence() <= upTo)
                .toList();
    }

    private MismatchException mismatch(Partition partition, Watermark watermark, String why) {
        return new MismatchException(
                "%s does not belong to journal %s: partition %d stands at %d with batch %s; %s"
                        .formatted(
                                sink.description(),
                                journal,
                                partition.number(),
                                watermark.sequence(),
                                watermark.batch(),
                                why),
                null);
    }
}
