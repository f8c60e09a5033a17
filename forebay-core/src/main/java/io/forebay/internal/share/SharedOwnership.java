package io.forebay.internal.share;

import io.forebay.internal.flush.Ownership;
import io.forebay.internal.pending.Partition;
import io.forebay.spi.MismatchException;
import io.forebay.spi.SharedJournal;
import io.forebay.spi.Sink;
import io.forebay.spi.Watermark;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Becoming the owner of a partition of a shared journal. The database's watermark says where to go on; it has to be among
 * the sequences that the journal still holds.
 */
public final class SharedOwnership implements Ownership {
    private final Sink sink;
    private final SharedJournal journal;
    private final Runnable attach;
    private final List<Lane> lanes;

    /** @param attach makes sure, once, that the database knows the journal */
    public SharedOwnership(Sink sink, SharedJournal journal, Runnable attach, List<Lane> lanes) {
        this.sink = sink;
        this.journal = journal;
        this.attach = attach;
        this.lanes = lanes;
    }

    @Override
    public @Nullable Taken take(Partition partition) {
        int number = partition.number();
        if (!lanes.get(number).isAssigned()) return null;
        attach.run();
        Watermark watermark = sink.own(journal.id(), number);
        if (partition.endsBatchInFlight(watermark.sequence(), watermark.batch())) return new Taken(watermark, false);

        check(number, watermark, journal.range(number));
        boolean rewound = watermark.sequence() < partition.released();
        return lanes.get(number).restart(watermark.sequence()) ? new Taken(watermark, rewound) : null;
    }

    private void check(int partition, Watermark watermark, SharedJournal.Range range) {
        if (watermark.sequence() < range.released())
            throw mismatch(
                    partition,
                    watermark,
                    "what came before %d was deleted there, because a database held it: is this an older copy of it?"
                            .formatted(range.released()));
        if (watermark.sequence() > range.highest())
            throw mismatch(
                    partition,
                    watermark,
                    "it ends at %d: is it an older copy of the journal?".formatted(range.highest()));
    }

    private MismatchException mismatch(int partition, Watermark watermark, String why) {
        return new MismatchException(
                "%s stands at %d in partition %d, which does not fit %s: %s"
                        .formatted(sink.description(), watermark.sequence(), partition, journal.description(), why),
                null);
    }

    /** The journal's assignment decides who flushes, and it may give the partition back. */
    @Override
    public boolean mayComeBack() {
        return true;
    }
}
