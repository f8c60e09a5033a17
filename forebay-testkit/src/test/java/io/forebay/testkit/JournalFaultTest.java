package io.forebay.testkit;

import static io.forebay.testkit.Journals.append;
import static io.forebay.testkit.Journals.appendAndForce;
import static io.forebay.testkit.Journals.frames;
import static io.forebay.testkit.Journals.open;
import static io.forebay.testkit.Journals.segment;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.forebay.JournalForceException;
import io.forebay.JournalWriteException;
import io.forebay.internal.journal.Journal;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** PROTOCOL J3: what a failed write or force does to the frames before and behind it. */
class JournalFaultTest {
    @Test
    void a_write_that_fails_at_any_sector_loses_no_frame_that_is_acknowledged_later() {
        for (long arrived = 0; arrived <= 9 * 512; arrived += 256) {
            SimulatedDisk disk = new SimulatedDisk(arrived);
            Journal journal = open(disk);
            appendAndForce(journal, 1, 2_000);
            disk.failNextWrite(arrived);
            assertThatThrownBy(() -> append(journal, 2, 4_000)).isInstanceOf(JournalWriteException.class);
            appendAndForce(journal, 3, 2_000);
            appendAndForce(journal, 4, 2_000);

            assertThat(frames(disk.powerCut())).containsExactly(1L, 3L, 4L);
        }
    }

    @Test
    void a_disk_that_fills_up_at_any_sector_of_a_new_segment_refuses_until_there_is_space() throws IOException {
        for (long room = 0; room < Journals.SEGMENT_BYTES; room += 512) {
            SimulatedDisk disk = new SimulatedDisk(room);
            Journal journal = open(disk);
            appendAndForce(journal, 1, 40_000);
            disk.limitTo(64 + Journals.SEGMENT_BYTES + room);
            assertThatThrownBy(() -> append(journal, 2, 40_000))
                    .isInstanceOf(JournalWriteException.class)
                    .hasMessageContaining("No space left on device");
            assertThat(disk.list()).doesNotContain(segment(2));

            disk.limitTo(Long.MAX_VALUE);
            appendAndForce(journal, 3, 40_000);
            assertThat(frames(disk.powerCut())).containsExactly(1L, 3L);
        }
    }

    @Test
    void a_journal_that_may_not_grow_refuses_with_numbers() {
        SimulatedDisk disk = new SimulatedDisk(1);
        Journal journal = open(disk);
        for (int i = 1; i <= 16; i++) appendAndForce(journal, i, 40_000);

        assertThatThrownBy(() -> append(journal, 17, 40_000))
                .isInstanceOf(JournalWriteException.class)
                .hasMessageContaining("1048576 of 1048576 bytes are used");

        journal.release(new long[] {16});
        appendAndForce(journal, 17, 40_000);
        assertThat(frames(disk.powerCut())).endsWith(17L);
    }

    @Test
    void a_frame_whose_force_failed_is_not_replayed_once_the_journal_has_gone_on() {
        for (int seed = 0; seed < 60; seed++) {
            SimulatedDisk disk = new SimulatedDisk(seed);
            Journal journal = open(disk);
            appendAndForce(journal, 1, 2_000);
            append(journal, 2, 2_000);
            disk.failNextForce();
            assertThatThrownBy(journal::force).isInstanceOf(JournalForceException.class);
            appendAndForce(journal, 3, 2_000);

            assertThat(frames(seed % 2 == 0 ? disk.crash() : disk.powerCut())).containsExactly(1L, 3L);
        }
    }

    @Test
    void a_file_whose_force_failed_is_never_forced_again() {
        SimulatedDisk disk = new SimulatedDisk(1);
        Journal journal = open(disk);
        append(journal, 1, 2_000);
        disk.failNextForce();
        assertThatThrownBy(journal::force).isInstanceOf(JournalForceException.class);
        int forces = disk.forces(segment(1));

        journal.force();
        appendAndForce(journal, 2, 2_000);
        journal.close();

        assertThat(disk.forces(segment(1))).isEqualTo(forces);
    }

    @Test
    void a_write_that_cannot_be_taken_back_is_unknown() {
        SimulatedDisk disk = new SimulatedDisk(1);
        Journal journal = open(disk);
        appendAndForce(journal, 1, 2_000);
        disk.failNextWrite(1_024);
        disk.failNextForce();

        assertThatThrownBy(() -> append(journal, 2, 2_000)).isInstanceOf(JournalForceException.class);

        appendAndForce(journal, 3, 2_000);
        assertThat(frames(disk.powerCut())).containsExactly(1L, 3L);
    }

    @Test
    void a_kill_in_the_middle_of_a_write_loses_nothing_that_was_acknowledged() {
        for (int seed = 0; seed < 100; seed++) {
            SimulatedDisk disk = new SimulatedDisk(seed);
            Journal journal = open(disk);
            appendAndForce(journal, 1, 2_000);
            disk.dieAfter(0);
            assertThatThrownBy(() -> append(journal, 2, 4_000)).isInstanceOf(JournalForceException.class);
            SimulatedDisk killed = disk.crash();

            List<Long> found = frames(killed);
            assertThat(found).startsWith(1L).isSubsetOf(1L, 2L); // all of the second may have arrived
            appendAndForce(open(killed), 3, 10);
            assertThat(frames(killed.powerCut()))
                    .startsWith(found.toArray(Long[]::new))
                    .endsWith(3L);
        }
    }

    @Test
    void a_frame_larger_than_a_segment_gets_one_of_its_size() {
        SimulatedDisk disk = new SimulatedDisk(1);
        Journal journal = open(disk);
        appendAndForce(journal, 1, 300_000);
        appendAndForce(journal, 2, 10);
        journal.close();

        assertThat(frames(disk)).containsExactly(1L, 2L);
        assertThat(disk.forces(segment(1))).isPositive();
    }
}
