package io.forebay.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.forebay.FlushPolicy;
import io.forebay.Forebay;
import io.forebay.JournalPolicy;
import io.forebay.JournalWriteException;
import io.forebay.MissingRow;
import io.forebay.Table;
import io.forebay.testservers.SmallDisk;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real file system that is full: a small one in memory, where it may be mounted. */
class FullDiskTest {
    private static final int DISK_BYTES = 1 << 20;

    @TempDir
    Path mountPoint;

    private final MemorySink sink = Tables.sink();
    private SmallDisk disk;

    @BeforeEach
    void mount() {
        Optional<SmallDisk> mounted = SmallDisk.mount(mountPoint, DISK_BYTES);
        assumeTrue(mounted.isPresent(), SmallDisk.NOT_HERE);
        disk = mounted.get();
    }

    @AfterEach
    void unmount() {
        if (disk != null) disk.close();
    }

    @Test
    void writes_are_refused_while_the_disk_is_full_and_taken_again_when_there_is_space() {
        try (Forebay forebay = open()) {
            Table pages = forebay.table("pages", t -> t.onMissingRow(MissingRow.INSERT));
            pages.row(0).increment("hits").await();
            disk.fill();

            long taken = incrementUntilRefused(pages);
            disk.makeRoom();
            pages.row(0).increment("hits").await();
            forebay.flushAndWait();

            assertThat(pages.row(0).getLong("hits")).isEqualTo(2 + taken);
        }
    }

    @Test
    void what_was_acknowledged_on_a_full_disk_is_there_after_a_restart() {
        long taken;
        sink.away(true);
        try (Forebay forebay = open()) {
            sink.away(false);
            Table pages = forebay.table("pages", t -> t.onMissingRow(MissingRow.INSERT));
            sink.away(true);
            pages.row(0).increment("hits").await();
            disk.fill();
            taken = incrementUntilRefused(pages);
            forebay.close(Duration.ZERO);
        }
        disk.makeRoom();
        sink.away(false);

        try (Forebay forebay = open()) {
            forebay.flushAndWait();

            assertThat(forebay.table("pages").row(0).getLong("hits")).isEqualTo(1 + taken);
        }
    }

    private Forebay open() {
        return Forebay.builder()
                .database("memory", sink)
                .journal(mountPoint)
                .partitions(2)
                .flush(FlushPolicy.DEFAULT.withInterval(Duration.ofHours(1), Duration.ZERO))
                .journalPolicy(new JournalPolicy(64 << 10, Duration.ofHours(1), 1 << 20, 8 << 20))
                .build();
    }

    private static long incrementUntilRefused(Table pages) {
        for (long taken = 0; taken < 10_000; taken++) {
            try {
                pages.row(0).increment("hits").await();
            } catch (JournalWriteException e) {
                assertThat(e).hasMessageContaining("No space left on device");
                return taken;
            }
        }
        throw new AssertionError("the disk was never full");
    }
}
