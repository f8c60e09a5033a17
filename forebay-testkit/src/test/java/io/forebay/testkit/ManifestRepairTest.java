package io.forebay.testkit;

import static io.forebay.testkit.Journals.appendAndForce;
import static io.forebay.testkit.Journals.frames;
import static io.forebay.testkit.Journals.open;
import static io.forebay.testkit.Journals.segment;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.forebay.Forebay;
import io.forebay.JournalAccessException;
import io.forebay.JournalDamagedException;
import io.forebay.JournalException;
import io.forebay.MissingRow;
import io.forebay.Table;
import io.forebay.internal.journal.Journal;
import io.forebay.internal.journal.JournalRepair;
import io.forebay.spi.Disk;
import io.forebay.spi.MismatchException;
import java.io.IOException;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A manifest that is damaged or missing: all of it but the database is in the segments too. */
class ManifestRepairTest {
    private static final int MANIFEST_BYTES = 64;

    private final SimulatedDisk disk = new SimulatedDisk(1);

    @Test
    void a_bit_flipped_anywhere_is_refused_with_the_command_that_mends_it() throws IOException {
        UUID id = journalOfThreeSegments(disk);
        for (int offset = 0; offset < MANIFEST_BYTES; offset++) {
            disk.corrupt("manifest", offset, offset % 8);
            assertThatThrownBy(() -> open(disk))
                    .isInstanceOf(JournalDamagedException.class)
                    .hasMessageContaining("manifest")
                    .hasMessageContaining("forebay journal repair simulated");

            JournalRepair.Result result = JournalRepair.repair(disk);

            assertThat(result.manifestRebuilt()).isTrue();
            assertThat(result.frames()).isZero();
            assertThat(idOf(disk)).isEqualTo(id);
        }
        assertThat(disk.list()).contains("manifest.damaged", "manifest.damaged-2");
        assertThat(frames(disk)).containsExactly(1L, 2L, 3L);
    }

    @Test
    void one_that_is_missing_or_cut_is_rebuilt() throws IOException {
        UUID id = journalOfThreeSegments(disk);
        disk.delete("manifest");
        JournalRepair.repair(disk);
        assertThat(idOf(disk)).isEqualTo(id);

        try (Disk.File file = disk.open("manifest")) {
            file.truncate(20);
        }
        JournalRepair.repair(disk);
        assertThat(idOf(disk)).isEqualTo(id);
    }

    @Test
    void a_damaged_segment_beside_it_is_cut_as_well() {
        journalOfThreeSegments(disk);
        disk.corrupt("manifest", 20, 0);
        disk.corrupt(segment(1), 20, 0); // its header: the others say which journal it is
        disk.corrupt(segment(3), 20_000, 0);

        JournalRepair.Result result = JournalRepair.repair(disk);

        assertThat(result.manifestRebuilt()).isTrue();
        assertThat(result.copies()).isNotEmpty();
        open(disk).close();
    }

    @Test
    void a_repair_that_was_interrupted_is_done_again() throws IOException {
        for (int operations = 0; operations < 10; operations++) {
            SimulatedDisk dying = new SimulatedDisk(operations);
            UUID id = journalOfThreeSegments(dying);
            dying.corrupt("manifest", 20, 0);
            dying.dieAfter(operations);
            try {
                JournalRepair.repair(dying);
            } catch (JournalException e) {
                // the disk has died in the middle: that is the point
            }
            SimulatedDisk found = dying.powerCut();

            JournalRepair.repair(found);

            assertThat(idOf(found)).isEqualTo(id);
            assertThat(frames(found)).containsExactly(1L, 2L, 3L);
            assertThat(found.list()).contains("manifest.damaged");
        }
    }

    @Test
    void without_a_segment_it_cannot_be_rebuilt() {
        open(disk).close();
        disk.corrupt("manifest", 20, 0);

        assertThatThrownBy(() -> JournalRepair.repair(disk))
                .isInstanceOf(JournalAccessException.class)
                .hasMessageContaining("no segment says which journal this is")
                .hasMessageContaining("backup");
    }

    @Test
    void segments_of_two_journals_do_not_make_one() throws IOException {
        journalOfThreeSegments(disk);
        disk.rename(segment(1), "elsewhere");
        disk.delete(segment(2));
        disk.delete(segment(3));
        disk.delete("manifest");
        journalOfThreeSegments(disk);
        disk.delete(segment(1));
        disk.rename("elsewhere", segment(1));
        disk.delete("manifest");

        assertThatThrownBy(() -> JournalRepair.repair(disk))
                .isInstanceOf(JournalAccessException.class)
                .hasMessageContaining("different journals");
    }

    @Test
    void what_was_pending_reaches_the_database_it_belongs_to_once() {
        MemorySink sink = Tables.sink();
        Forebay before = forebay(disk, sink);
        Table pages = before.table("pages", t -> t.onMissingRow(MissingRow.INSERT));
        pages.row(1).increment("hits", 5);
        before.flushAndWait();
        sink.away(true);
        pages.row(1).increment("hits", 7).await();
        SimulatedDisk found = disk.crash();
        before.close(Duration.ZERO);
        sink.away(false);
        found.corrupt("manifest", 20, 0);

        JournalRepair.repair(found);
        try (Forebay after = forebay(found, sink)) {
            after.flushAndWait();
            assertThat(after.table("pages").row(1).getLong("hits")).isEqualTo(12);
        }
        assertThatThrownBy(() -> forebay(found, Tables.sink())).isInstanceOf(MismatchException.class);
    }

    private static Forebay forebay(Disk disk, MemorySink sink) {
        return Forebay.builder()
                .database("memory", sink)
                .journal(any -> disk)
                .partitions(3)
                .build();
    }

    private static UUID journalOfThreeSegments(Disk disk) {
        try (Journal journal = open(disk)) {
            journal.attach(UUID.randomUUID());
            for (int i = 1; i <= 3; i++) appendAndForce(journal, i, 40_000);
            return journal.manifest().journal();
        }
    }

    private static UUID idOf(Disk disk) {
        try (Journal journal = open(disk)) {
            return journal.manifest().journal();
        }
    }
}
