package io.forebay.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.forebay.JournalDamagedException;
import io.forebay.internal.journal.Journal;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** PROTOCOL J5: a bit that flips anywhere is refused, or was in nothing that counts; never taken for a torn frame. */
class JournalBitFlipTest {
    private static final int WRITTEN = 16 << 10; // of each segment; behind it there are only zeros
    private static final int STEP_IN_ZEROS = 131;

    @Test
    void a_flipped_bit_in_a_closed_journal_is_refused() throws IOException {
        SimulatedDisk disk = new SimulatedDisk(1);
        fill(disk).close();

        flipEachByte(disk);
    }

    @Test
    void a_flipped_bit_in_a_crashed_journal_is_refused_or_harmless() throws IOException {
        SimulatedDisk disk = new SimulatedDisk(1);
        fill(disk);

        flipEachByte(disk.crash());
    }

    private static Journal fill(SimulatedDisk disk) {
        Journal journal = Journals.open(disk);
        for (int i = 1; i <= 5; i++) Journals.appendAndForce(journal, i, 10 + i * 700);
        return journal;
    }

    private static void flipEachByte(SimulatedDisk disk) throws IOException {
        assertThat(Journals.frames(disk)).containsExactly(1L, 2L, 3L, 4L, 5L);
        for (String file : List.of("manifest", Journals.segment(1))) {
            long size = disk.open(file).size();
            for (long offset = 0; offset < size; offset += offset < WRITTEN ? 1 : STEP_IN_ZEROS) {
                int bit = (int) (offset % 8);
                disk.corrupt(file, offset, bit);
                assertRefusedOrWhole(disk, file, offset);
                disk.corrupt(file, offset, bit);
            }
        }
    }

    private static void assertRefusedOrWhole(SimulatedDisk disk, String file, long offset) {
        try {
            assertThat(Journals.frames(disk)).containsExactly(1L, 2L, 3L, 4L, 5L);
        } catch (JournalDamagedException e) {
            assertThat(e.file()).isEqualTo(file);
            assertThat(e.offset()).isLessThanOrEqualTo(offset);
            assertThat(e)
                    .hasMessageContaining(file)
                    .hasMessageContaining("offset " + e.offset())
                    .hasMessageContaining("forebay journal repair simulated");
        }
    }
}
