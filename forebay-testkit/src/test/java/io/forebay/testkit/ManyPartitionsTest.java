package io.forebay.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.forebay.FlushPolicy;
import io.forebay.Forebay;
import io.forebay.JournalDamagedException;
import io.forebay.JournalPolicy;
import io.forebay.MissingRow;
import io.forebay.Table;
import io.forebay.internal.journal.Journal;
import io.forebay.internal.journal.JournalSettings;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A frame names a sequence per partition. Up to 60 of them are in its first sector, 8 bytes each behind a header of 32;
 * more go over sectors, which have a marker in between.
 */
class ManyPartitionsTest {
    private static final long ROWS = 2_000;

    @ParameterizedTest
    @ValueSource(ints = {59, 60, 61, 62, 123, 124, 125, 500, 1024})
    void what_was_acknowledged_survives_a_power_cut(int partitions) {
        SimulatedDisk disk = new SimulatedDisk(partitions);
        MemorySink sink = Tables.sink();
        Forebay before = open(disk, sink, partitions);
        Table pages = pages(before);
        sink.away(true);
        for (long row = 0; row < ROWS; row++) pages.row(row).increment("hits");
        pages.row(0).increment("hits").await();
        SimulatedDisk after = disk.powerCut();
        before.close(Duration.ZERO);
        sink.away(false);

        try (Forebay recovered = open(after, sink, partitions)) {
            recovered.flushAndWait();

            for (long row = 0; row < ROWS; row++)
                assertThat(pages(recovered).row(row).getLong("hits")).isEqualTo(row == 0 ? 2 : 1);
        }
    }

    @Test
    void a_flipped_bit_in_the_sequences_behind_the_first_sector_is_damage() {
        SimulatedDisk disk = new SimulatedDisk(1);
        JournalSettings settings = new JournalSettings(new JournalPolicy(64 << 10, Duration.ZERO, 0, 1 << 20), 200);
        Journal journal = Journal.open(disk, settings, System::nanoTime, new Journals.Recorder());
        for (int frame = 1; frame <= 2; frame++) {
            long[] sequences = new long[200];
            Arrays.fill(sequences, frame);
            journal.append(Journals.body(frame, 100), sequences);
            journal.force();
        }
        journal.close();
        int checkpoint = 512;
        int frame = checkpoint + 4 * 512;

        disk.corrupt(Journals.segment(1), frame + 2 * 512 + 7, 3);

        assertThatThrownBy(() -> Journal.open(disk, settings, System::nanoTime, new Journals.Recorder()))
                .isInstanceOf(JournalDamagedException.class)
                .hasMessageContaining(Journals.segment(1))
                .hasMessageContaining(Integer.toString(frame));
    }

    @Test
    void frames_of_the_largest_number_of_partitions_come_back_as_they_were() {
        SimulatedDisk disk = new SimulatedDisk(1);
        JournalSettings settings = new JournalSettings(new JournalPolicy(64 << 10, Duration.ZERO, 0, 1 << 20), 1024);
        Journal journal = Journal.open(disk, settings, System::nanoTime, new Journals.Recorder());
        journal.checkpointWith(() -> ByteBuffer.allocate(0));
        for (int frame = 1; frame <= 20; frame++) {
            long[] sequences = new long[1024];
            Arrays.setAll(sequences, partition -> (long) partition << 40);
            journal.append(Journals.body(frame, 3_000), sequences);
            journal.force();
        }
        SimulatedDisk after = disk.powerCut();

        Journals.Recorder found = new Journals.Recorder();
        Journal.open(after, settings, System::nanoTime, found).close();

        assertThat(found.frames).hasSize(20).startsWith(1L).endsWith(20L);
    }

    private static Forebay open(SimulatedDisk disk, MemorySink sink, int partitions) {
        return Forebay.builder()
                .database("memory", sink)
                .journal(any -> disk)
                .partitions(partitions)
                .journalPolicy(new JournalPolicy(256 << 10, Duration.ofHours(1), 1 << 20, 16 << 20))
                .flush(FlushPolicy.DEFAULT.withRetry(Duration.ofMillis(1), Duration.ofMillis(5)))
                .build();
    }

    private static Table pages(Forebay forebay) {
        return forebay.table("pages", t -> t.onMissingRow(MissingRow.INSERT));
    }
}
