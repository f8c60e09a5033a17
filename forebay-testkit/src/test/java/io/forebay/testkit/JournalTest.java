package io.forebay.testkit;

import static io.forebay.testkit.Journals.appendAndForce;
import static io.forebay.testkit.Journals.open;
import static io.forebay.testkit.Journals.segment;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.forebay.JournalAccessException;
import io.forebay.JournalDamagedException;
import io.forebay.JournalPolicy;
import io.forebay.internal.journal.FrameKind;
import io.forebay.internal.journal.Journal;
import io.forebay.internal.journal.JournalInspector;
import io.forebay.internal.journal.JournalSettings;
import io.forebay.internal.journal.SegmentInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class JournalTest {
    private final SimulatedDisk disk = new SimulatedDisk(1);

    @Test
    void a_second_opener_is_refused_until_the_first_has_closed() {
        Journal first = open(disk);
        assertThatThrownBy(() -> open(disk))
                .isInstanceOf(JournalAccessException.class)
                .hasMessageContaining("in use by another process");

        first.close();
        open(disk).close();
    }

    @Test
    void another_number_of_partitions_is_refused_naming_both() {
        open(disk).close();
        JournalSettings settings = new JournalSettings(new JournalPolicy(64 << 10, Duration.ZERO, 0, 1 << 20), 5);

        assertThatThrownBy(() -> Journal.open(disk, settings, System::nanoTime, new Journals.Recorder()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has 1 partitions, the configuration says 5");
        open(disk).close(); // the lock was given back
    }

    @Test
    void a_journal_is_attached_to_one_database() {
        UUID database = UUID.randomUUID();
        open(disk).attach(database);

        assertThat(open(disk.crash()).manifest().database()).isEqualTo(database);
    }

    @Test
    void segments_without_a_manifest_are_refused() throws IOException {
        Journal journal = open(disk);
        appendAndForce(journal, 1, 10);
        journal.close();
        disk.delete("manifest");

        assertThatThrownBy(() -> open(disk))
                .isInstanceOf(JournalDamagedException.class)
                .hasMessageContaining("manifest");
    }

    @Test
    void a_missing_segment_is_refused_by_name() throws IOException {
        Journal journal = open(disk);
        for (int i = 1; i <= 3; i++) appendAndForce(journal, i, 40_000);
        journal.close();
        disk.delete(segment(2));

        assertThatThrownBy(() -> open(disk))
                .isInstanceOf(JournalDamagedException.class)
                .hasMessageContaining(segment(2));
    }

    @Test
    void a_segment_of_another_journal_is_refused() throws IOException {
        Journal journal = open(disk);
        appendAndForce(journal, 1, 10);
        journal.close();
        disk.delete("manifest");
        disk.rename(segment(1), "elsewhere");
        open(disk).close();
        disk.rename("elsewhere", segment(1));

        assertThatThrownBy(() -> open(disk))
                .isInstanceOf(JournalDamagedException.class)
                .hasMessageContaining("of journal");
    }

    @Test
    void sequences_may_not_fall() {
        Journal journal = open(disk);
        appendAndForce(journal, 5, 10);

        assertThatThrownBy(() -> journal.append(ByteBuffer.allocate(1), new long[] {4}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[5] is followed by [4]");
    }

    @Test
    void an_applied_segment_is_kept_for_its_time() {
        AtomicLong clock = new AtomicLong();
        Journal journal = journalOfThreeSegments(Journals.settings(Duration.ofSeconds(10), 1 << 20), clock);

        journal.release(new long[] {1});
        clock.addAndGet(Duration.ofSeconds(9).toNanos());
        journal.release(new long[] {3});
        assertThat(journal.segments()).hasSize(3);

        clock.addAndGet(Duration.ofSeconds(1).toNanos());
        journal.release(new long[] {3});
        assertThat(journal.segments()).extracting(SegmentInfo::name).containsExactly(segment(2), segment(3));
        clock.addAndGet(Duration.ofSeconds(20).toNanos());
        journal.release(new long[] {3});
        assertThat(journal.segments()).extracting(SegmentInfo::name).containsExactly(segment(3));
        assertThat(journal.usedBytes()).isEqualTo(Journals.SEGMENT_BYTES);
    }

    @Test
    void applied_segments_are_kept_up_to_their_size() {
        Journal journal =
                journalOfThreeSegments(Journals.settings(Duration.ofDays(1), Journals.SEGMENT_BYTES), new AtomicLong());

        journal.release(new long[] {2});

        assertThat(journal.segments()).extracting(SegmentInfo::name).containsExactly(segment(2), segment(3));
    }

    @Test
    void a_segment_that_is_not_applied_stays_and_so_do_all_behind_it() {
        Journal journal = journalOfThreeSegments(Journals.SETTINGS, new AtomicLong());

        journal.release(new long[] {0});

        assertThat(journal.segments()).hasSize(3);
    }

    @Test
    void a_deletion_that_fails_is_tried_again() {
        Journal journal = journalOfThreeSegments(Journals.SETTINGS, new AtomicLong());
        disk.failNextForce();

        journal.release(new long[] {2});
        journal.release(new long[] {2});

        assertThat(journal.segments()).hasSize(1);
        assertThat(journal.usedBytes()).isEqualTo(Journals.SEGMENT_BYTES);
    }

    @Test
    void the_newest_segment_of_an_opened_journal_is_never_deleted() {
        journalOfThreeSegments(Journals.SETTINGS, new AtomicLong()).close();
        Journal journal = open(disk);

        journal.release(new long[] {3});

        assertThat(journal.segments()).extracting(SegmentInfo::name).containsExactly(segment(3));
    }

    @Test
    void replay_begins_with_the_state_at_the_oldest_segment_that_is_left() {
        Journal journal = journalOfThreeSegments(Journals.SETTINGS, new AtomicLong());
        journal.release(new long[] {2});
        journal.close();

        Journals.Recorder found = new Journals.Recorder();
        open(disk, found);

        assertThat(found.checkpoints).containsExactly(2L);
        assertThat(found.frames).containsExactly(3L);
    }

    @Test
    void what_is_kept_can_be_read_again_while_the_journal_is_open() {
        Journal journal = journalOfThreeSegments(Journals.SETTINGS, new AtomicLong());
        Journals.append(journal, 4, 10);
        Journals.Recorder found = new Journals.Recorder();

        journal.reread(found);

        assertThat(found.checkpoints).containsExactly(0L);
        assertThat(found.frames).containsExactly(1L, 2L, 3L, 4L);
    }

    @Test
    void an_inspection_lists_everything_without_the_lock() {
        Journal journal = journalOfThreeSegments(Journals.SETTINGS, new AtomicLong());

        JournalInspector.Report report = JournalInspector.inspect(disk);

        assertThat(report.manifest()).isEqualTo(journal.manifest());
        assertThat(report.problem()).isNull();
        assertThat(report.segments())
                .extracting(JournalInspector.SegmentReport::name)
                .containsExactly(segment(1), segment(2), segment(3));
        assertThat(report.segments().get(2).frames())
                .extracting(JournalInspector.FrameReport::kind)
                .containsExactly(FrameKind.CHECKPOINT, FrameKind.DATA);
    }

    @Test
    void an_inspection_names_the_damage_and_what_is_before_it() {
        journalOfThreeSegments(Journals.SETTINGS, new AtomicLong()).close();
        disk.corrupt(segment(2), 20_000, 0);

        JournalInspector.Report report = JournalInspector.inspect(disk);

        assertThat(report.problem()).hasMessageContaining(segment(2));
        assertThat(report.segments().get(1).frames())
                .extracting(JournalInspector.FrameReport::valid)
                .isEqualTo(List.of(true, false));
    }

    private Journal journalOfThreeSegments(JournalSettings settings, AtomicLong clock) {
        Journal journal = Journal.open(disk, settings, clock::get, new Journals.Recorder());
        AtomicLong last = new AtomicLong();
        journal.checkpointWith(() -> ByteBuffer.allocate(8).putLong(last.get()).flip());
        for (int i = 1; i <= 3; i++) {
            appendAndForce(journal, i, 40_000);
            last.set(i);
        }
        return journal;
    }
}
