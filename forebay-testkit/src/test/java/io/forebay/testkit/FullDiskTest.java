package io.forebay.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.forebay.FlushPolicy;
import io.forebay.Forebay;
import io.forebay.JournalPolicy;
import io.forebay.JournalWriteException;
import io.forebay.MissingRow;
import io.forebay.Table;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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
    private boolean mounted;

    @BeforeEach
    void mount() throws IOException, InterruptedException {
        mounted = run("mount", "-t", "tmpfs", "-o", "size=" + DISK_BYTES, "forebay-test", mountPoint.toString());
        assumeTrue(mounted, "a tmpfs cannot be mounted here: this takes root");
    }

    @AfterEach
    void unmount() throws IOException, InterruptedException {
        if (mounted) assertThat(run("umount", mountPoint.toString())).isTrue();
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() == 0;
    }

    @Test
    void writes_are_refused_while_the_disk_is_full_and_taken_again_when_there_is_space() throws IOException {
        try (Forebay forebay = open()) {
            Table pages = forebay.table("pages", t -> t.onMissingRow(MissingRow.INSERT));
            pages.row(0).increment("hits").await();
            Path ballast = fillTheDisk();

            long taken = incrementUntilRefused(pages);
            Files.delete(ballast);
            pages.row(0).increment("hits").await();
            forebay.flushAndWait();

            assertThat(pages.row(0).getLong("hits")).isEqualTo(2 + taken);
        }
    }

    @Test
    void what_was_acknowledged_on_a_full_disk_is_there_after_a_restart() throws IOException {
        long taken;
        sink.away(true);
        try (Forebay forebay = open()) {
            sink.away(false);
            Table pages = forebay.table("pages", t -> t.onMissingRow(MissingRow.INSERT));
            sink.away(true);
            pages.row(0).increment("hits").await();
            fillTheDisk();
            taken = incrementUntilRefused(pages);
            forebay.close(Duration.ZERO);
        }
        Files.delete(mountPoint.resolve("ballast"));
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

    private Path fillTheDisk() throws IOException {
        Path ballast = mountPoint.resolve("ballast");
        try (RandomAccessFile file = new RandomAccessFile(ballast.toFile(), "rw")) {
            byte[] page = new byte[4096];
            while (true) file.write(page);
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left on device");
        }
        return ballast;
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
