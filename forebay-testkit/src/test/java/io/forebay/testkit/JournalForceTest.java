package io.forebay.testkit;

import static io.forebay.testkit.Journals.append;
import static io.forebay.testkit.Journals.appendAndForce;
import static io.forebay.testkit.Journals.frames;
import static io.forebay.testkit.Journals.open;
import static io.forebay.testkit.Journals.segment;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.forebay.JournalDamagedException;
import io.forebay.JournalException;
import io.forebay.JournalForceException;
import io.forebay.JournalWriteException;
import io.forebay.internal.journal.Journal;
import io.forebay.internal.journal.JournalRepair;
import io.forebay.internal.journal.Manifest;
import io.forebay.spi.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** PROTOCOL T: each force of the journal has a test here that fails without it. Chances are tried with many seeds. */
class JournalForceTest {
    private static final int SEEDS = 60;
    private static final UUID DATABASE = new UUID(1, 2);

    @Test
    void a_forced_frame_survives_a_power_cut() {
        for (int seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk disk = new SimulatedDisk(seed);
            appendAndForce(open(disk), 1, 2_000);

            assertThat(frames(disk.powerCut())).containsExactly(1L);
        }
    }

    @Test
    void an_append_forces_the_frame_before_it() {
        for (int seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk disk = new SimulatedDisk(seed);
            Journal journal = open(disk);
            append(journal, 1, 2_000);
            append(journal, 2, 2_000);

            assertThat(frames(disk.powerCut())).startsWith(1L);
        }
    }

    @Test
    void a_segment_is_durable_before_its_first_frame_is_written() {
        for (int seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk disk = new SimulatedDisk(seed);
            append(open(disk), 1, 100);

            assertThat(frames(disk.powerCut())).isSubsetOf(1L); // and not refused as damaged
        }
    }

    @Test
    void the_name_of_a_segment_is_durable_before_its_first_frame_is_acknowledged() {
        for (int seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk disk = new SimulatedDisk(seed);
            Journal journal = open(disk);
            appendAndForce(journal, 1, 40_000);
            appendAndForce(journal, 2, 40_000);

            assertThat(frames(disk.powerCut())).containsExactly(1L, 2L);
        }
    }

    @Test
    void a_manifest_is_the_old_one_or_the_new_one_whenever_the_power_fails() {
        for (int seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk disk = new SimulatedDisk(seed);
            Journal journal = open(disk);
            Manifest old = journal.manifest();
            disk.dieAfter(seed % 5);
            untilTheDiskDies(() -> journal.attach(DATABASE));

            Manifest found = open(disk.powerCut()).manifest();

            assertThat(found.journal()).isEqualTo(old.journal());
            assertThat(found.database()).isIn(null, DATABASE);
        }
    }

    @Test
    void an_identity_that_was_given_out_survives_a_power_cut() {
        for (int seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk disk = new SimulatedDisk(seed);
            Journal journal = open(disk);
            UUID identity = journal.manifest().journal();
            if (seed % 2 == 0) journal.attach(DATABASE);

            Manifest found = open(disk.powerCut()).manifest();

            assertThat(found.journal()).isEqualTo(identity);
            assertThat(found.database()).isEqualTo(seed % 2 == 0 ? DATABASE : null);
        }
    }

    @Test
    void a_manifest_that_was_read_after_a_kill_survives_a_power_cut() {
        for (int seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk disk = new SimulatedDisk(seed);
            Journal journal = open(disk);
            disk.dieAfter(4); // create, write, force, rename: killed before the directory is forced
            assertThatThrownBy(() -> journal.attach(DATABASE)).isInstanceOf(JournalWriteException.class);
            SimulatedDisk killed = disk.crash();
            assertThat(open(killed).manifest().database()).isEqualTo(DATABASE);

            assertThat(open(killed.powerCut()).manifest().database()).isEqualTo(DATABASE);
        }
    }

    @Test
    void deletions_never_leave_a_gap() {
        for (int seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk disk = new SimulatedDisk(seed);
            Journal journal = open(disk);
            for (int i = 1; i <= 5; i++) appendAndForce(journal, i, 40_000);
            journal.release(new long[] {4});

            assertThat(frames(disk.powerCut())).containsExactly(5L);
        }
    }

    @Test
    void after_a_close_nothing_is_cut() throws IOException {
        for (int seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk disk = new SimulatedDisk(seed);
            Journal journal = open(disk);
            appendAndForce(journal, 1, 2_000);
            journal.close();
            SimulatedDisk found = disk.powerCut();
            zeroSector(found, segment(1), 3);

            assertThatThrownBy(() -> open(found)).isInstanceOf(JournalDamagedException.class);
        }
    }

    @Test
    void a_frame_that_was_found_after_a_kill_survives_a_power_cut() {
        for (int seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk disk = new SimulatedDisk(seed);
            append(open(disk), 1, 2_000);
            SimulatedDisk killed = disk.crash();
            assertThat(frames(killed)).containsExactly(1L);

            assertThat(frames(killed.powerCut())).containsExactly(1L);
        }
    }

    @Test
    void a_frame_that_was_found_after_a_failed_force_survives_a_power_cut() {
        for (int seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk disk = new SimulatedDisk(seed);
            Journal journal = open(disk);
            append(journal, 1, 2_000);
            disk.failNextForce();
            assertThatThrownBy(journal::force).isInstanceOf(JournalForceException.class);
            SimulatedDisk killed = disk.crash();
            assertThat(frames(killed)).containsExactly(1L);

            assertThat(frames(killed.powerCut())).containsExactly(1L);
        }
    }

    @Test
    void a_segment_that_was_found_after_its_force_failed_survives_a_power_cut() {
        for (int seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk disk = new SimulatedDisk(seed);
            Journal journal = open(disk);
            disk.failNextForce();
            disk.dieAfter(5); // create, zeros, checkpoint, header, force: killed before it is deleted
            assertThatThrownBy(() -> append(journal, 1, 10)).isInstanceOf(JournalWriteException.class);
            SimulatedDisk killed = disk.crash();
            appendAndForce(open(killed), 2, 10);

            assertThat(frames(killed.powerCut())).containsExactly(2L);
        }
    }

    @Test
    void a_refused_frame_does_not_come_back_after_a_power_cut() {
        for (int seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk disk = new SimulatedDisk(seed);
            Journal journal = open(disk);
            appendAndForce(journal, 1, 10);
            disk.failNextWrite(100_000); // all of it arrives, and yet the call fails
            assertThatThrownBy(() -> append(journal, 2, 10)).isInstanceOf(JournalWriteException.class);

            assertThat(frames(disk.powerCut())).containsExactly(1L);
        }
    }

    @Test
    void a_repaired_journal_stays_repaired() throws IOException {
        for (int seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk disk = damagedInTheSecondOfThreeSegments(seed);
            JournalRepair.Result result = JournalRepair.repair(disk);
            SimulatedDisk found = disk.powerCut();

            assertThat(frames(found)).containsExactly(1L, 2L);
            assertThat(found.list()).containsAll(result.copies());
        }
    }

    @Test
    void a_segment_that_was_set_aside_stays_aside() throws IOException {
        for (int seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk disk = damagedInTheSecondOfThreeSegments(seed);
            disk.corrupt(segment(2), 20, 0); // in its header: nothing of it can be used
            JournalRepair.repair(disk);

            assertThat(frames(disk.powerCut())).containsExactly(1L);
        }
    }

    @Test
    void an_interrupted_repair_has_lost_nothing() throws IOException {
        for (int seed = 0; seed < 4 * SEEDS; seed++) {
            SimulatedDisk disk = damagedInTheSecondOfThreeSegments(seed);
            byte[] damaged = content(disk, segment(2));
            disk.dieAfter(seed % 12);
            untilTheDiskDies(() -> JournalRepair.repair(disk));
            SimulatedDisk found = disk.powerCut();
            JournalRepair.repair(found);

            assertThat(frames(found)).containsExactly(1L, 2L);
            assertThat(copiesOf(found, segment(2))).contains(damaged);
            assertThat(copiesOf(found, segment(3))).isNotEmpty();
        }
    }

    private static SimulatedDisk damagedInTheSecondOfThreeSegments(long seed) {
        SimulatedDisk disk = new SimulatedDisk(seed);
        Journal journal = open(disk);
        appendAndForce(journal, 1, 40_000);
        appendAndForce(journal, 2, 25_000);
        appendAndForce(journal, 3, 12_000);
        appendAndForce(journal, 4, 5_000);
        appendAndForce(journal, 5, 40_000);
        SimulatedDisk found = disk.powerCut();
        found.corrupt(segment(2), 30_000, 3);
        return found;
    }

    private static List<byte[]> copiesOf(SimulatedDisk disk, String name) throws IOException {
        List<byte[]> copies = new ArrayList<>();
        for (String file : disk.list()) {
            if (file.startsWith(name + ".damaged")) copies.add(content(disk, file));
        }
        return copies;
    }

    private static byte[] content(SimulatedDisk disk, String name) throws IOException {
        try (Disk.File file = disk.open(name)) {
            byte[] content = new byte[Math.toIntExact(file.size())];
            file.read(ByteBuffer.wrap(content), 0);
            return content;
        }
    }

    private static void zeroSector(SimulatedDisk disk, String name, int sector) throws IOException {
        try (Disk.File file = disk.open(name)) {
            file.write(ByteBuffer.allocate(512), sector * 512L);
            file.force();
        }
    }

    private static void untilTheDiskDies(Runnable step) {
        try {
            step.run();
        } catch (JournalException e) {
            // the disk has died in the middle: that is the point
        }
    }
}
