package io.forebay.internal.flush;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.forebay.BufferPolicy;
import io.forebay.FlushPolicy;
import io.forebay.ForebayListener;
import io.forebay.internal.TestTables;
import io.forebay.internal.codec.RecordWriter;
import io.forebay.internal.codec.Seal;
import io.forebay.internal.commit.GroupCommit;
import io.forebay.internal.commit.PartitionHistory;
import io.forebay.internal.commit.Recovery;
import io.forebay.internal.journal.Unjournaled;
import io.forebay.internal.mutation.Columns;
import io.forebay.internal.pending.Budget;
import io.forebay.internal.pending.Partition;
import io.forebay.internal.pending.PendingBatch;
import io.forebay.spi.ColumnChange.Add;
import io.forebay.spi.MismatchException;
import io.forebay.spi.RowKey;
import io.forebay.spi.Stage;
import io.forebay.spi.TableDefinition;
import io.forebay.spi.Watermark;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What the journal says and what the database says, brought together. PROTOCOL J1, D2, D5. */
class JournalOwnershipTest {
    private static final TableDefinition PAGES = TestTables.pages();

    private final ScriptedSink sink = new ScriptedSink();
    private final UUID journal = UUID.randomUUID();
    private final UUID batch = UUID.randomUUID();
    private final RecordWriter frame = new RecordWriter();
    private int attached;
    private int reread;

    /** A journal of one partition with a window for each of these sequences. */
    private void windows(long... sequences) {
        for (long sequence : sequences)
            frame.window(
                    0,
                    sequence,
                    1,
                    rows -> rows.accept(
                            RowKey.of("pages", List.of(sequence)),
                            List.of(new Stage(Stage.Kind.UPSERT, Columns.of("views", new Add(1L))))),
                    List.of());
    }

    private Recovery recovery(boolean keepReleased) {
        Recovery recovery = new Recovery(1, 0, keepReleased);
        recovery.frame(frame.body());
        return recovery;
    }

    private Partition partition(Recovery recovery) {
        PartitionHistory history = recovery.partition(0);
        return new Partition(
                0,
                FlushPolicy.DEFAULT,
                new Budget("test", BufferPolicy.DEFAULT, () -> 0, 1),
                name -> PAGES.info(),
                () -> 0,
                history.lastSequence(),
                history.released(),
                history.windows());
    }

    private JournalOwnership ownership(Recovery recovery, Partition partition) {
        GroupCommit commit = new GroupCommit(
                "test", new Unjournaled(1), false, recovery, List.of(partition), ForebayListener.NONE, () -> {});
        return new JournalOwnership(sink, journal, commit, () -> attached++, recovery.partitions(), number -> {
            reread++;
            return recovery(true).partition(0);
        });
    }

    @Test
    void what_the_database_holds_is_let_go_and_the_rest_is_pending() {
        windows(1, 2, 3);
        frame.seal(new Seal(0, 0, 2, batch));
        sink.watermark = new Watermark(7, 2, batch);
        Recovery recovery = recovery(false);
        Partition partition = partition(recovery);

        Ownership.Taken taken = ownership(recovery, partition).take(partition);

        assertThat(attached).isEqualTo(1);
        assertThat(reread).isZero();
        assertThat(taken).isEqualTo(new Ownership.Taken(sink.watermark, false));
        PendingBatch left = partition.seal();
        assertThat(left.from()).isEqualTo(2);
        assertThat(left.to()).isEqualTo(3);
    }

    @Test
    void a_batch_that_was_sealed_and_is_not_there_becomes_the_same_again() {
        windows(1, 2, 3);
        frame.seal(new Seal(0, 0, 2, batch));
        Recovery recovery = recovery(false);
        Partition partition = partition(recovery);

        ownership(recovery, partition).take(partition);

        assertThat(partition.seal().id()).isEqualTo(batch);
        assertThat(partition.seal().to()).isEqualTo(2);
    }

    @Test
    void a_journal_that_ends_before_the_watermark_does_not_belong_to_it() {
        windows(1, 2);
        sink.watermark = new Watermark(7, 3, batch);
        Recovery recovery = recovery(false);
        Partition partition = partition(recovery);

        assertThatThrownBy(() -> ownership(recovery, partition).take(partition))
                .isInstanceOf(MismatchException.class)
                .hasMessageContaining("ends at 2");
    }

    @Test
    void a_watermark_whose_batch_the_journal_does_not_know_does_not_belong_to_it() {
        windows(1, 2);
        frame.seal(new Seal(0, 0, 2, batch));
        sink.watermark = new Watermark(7, 2, UUID.randomUUID());
        Recovery recovery = recovery(false);
        Partition partition = partition(recovery);

        assertThatThrownBy(() -> ownership(recovery, partition).take(partition))
                .isInstanceOf(MismatchException.class)
                .hasMessageContaining("knows no such batch");
    }

    @Test
    void the_batch_in_flight_is_left_to_its_retry() {
        windows(1);
        Recovery recovery = recovery(false);
        Partition partition = partition(recovery);
        JournalOwnership ownership = ownership(recovery, partition);
        ownership.take(partition);
        PendingBatch sent = partition.seal();
        sink.watermark = new Watermark(8, 1, sent.id());

        Ownership.Taken taken = ownership.take(partition);

        assertThat(taken.rewound()).isFalse();
        assertThat(partition.seal()).isSameAs(sent);
    }

    @Test
    void a_database_that_went_back_gets_what_it_lost_again() {
        windows(1, 2, 3);
        frame.seal(new Seal(0, 0, 2, batch));
        sink.watermark = new Watermark(7, 2, batch);
        Recovery recovery = recovery(false);
        Partition partition = partition(recovery);
        JournalOwnership ownership = ownership(recovery, partition);
        ownership.take(partition);
        sink.watermark = new Watermark(8, 0, null);

        Ownership.Taken taken = ownership.take(partition);

        assertThat(taken.rewound()).isTrue();
        assertThat(reread).isEqualTo(1);
        assertThat(partition.released()).isZero();
        assertThat(partition.seal().id()).isEqualTo(batch);
        assertThat(partition.seal().to()).isEqualTo(2);
    }

    @Test
    void a_database_that_went_back_further_than_segments_were_kept_is_not_written_to() {
        frame.partition(0, 4, 4, batch);
        windows(5);
        Recovery checkpointed = new Recovery(1, 0, false);
        checkpointed.checkpoint(frame.body());
        Partition partition = partition(checkpointed);
        GroupCommit commit = new GroupCommit(
                "test", new Unjournaled(1), false, checkpointed, List.of(partition), ForebayListener.NONE, () -> {});
        JournalOwnership ownership =
                new JournalOwnership(sink, journal, commit, () -> {}, checkpointed.partitions(), number -> {
                    Recovery again = new Recovery(1, 0, true);
                    again.checkpoint(frame.body());
                    return again.partition(0);
                });
        sink.watermark = new Watermark(8, 0, null);

        assertThatThrownBy(() -> ownership.take(partition))
                .isInstanceOf(MismatchException.class)
                .hasMessageContaining("they begin after 4");
    }

    @Test
    void a_partition_of_ones_own_journal_does_not_come_back() {
        Recovery recovery = recovery(false);

        assertThat(ownership(recovery, partition(recovery)).mayComeBack()).isFalse();
    }
}
