package io.forebay.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.forebay.JournalAccessException;
import io.forebay.internal.journal.FileDisk;
import io.forebay.internal.journal.Journal;
import io.forebay.spi.Disk;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileDiskTest {
    @TempDir
    Path directory;

    @Test
    void a_journal_in_a_real_directory_comes_back() throws IOException {
        Disk disk = FileDisk.in(directory.resolve("deep/journal"));
        Journal journal = Journals.open(disk);
        for (int i = 1; i <= 20; i++) Journals.appendAndForce(journal, i, i * 1_000);
        journal.release(new long[] {2});
        journal.close();

        assertThat(Journals.frames(disk)).endsWith(18L, 19L, 20L);
    }

    @Test
    void a_directory_has_one_opener_whatever_it_is_called() throws IOException {
        Journal first = Journals.open(FileDisk.in(directory));
        Disk second = FileDisk.in(directory.resolve("../" + directory.getFileName()));

        assertThatThrownBy(() -> Journals.open(second))
                .isInstanceOf(JournalAccessException.class)
                .hasMessageContaining("is in use by another process (or by another Forebay in this one)");

        first.close();
        Journals.open(second).close();
    }

    @Test
    void names_that_lead_out_of_the_directory_are_refused() throws IOException {
        Disk disk = FileDisk.in(directory);

        assertThatThrownBy(() -> disk.create("../escaped")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> disk.delete("a/b")).isInstanceOf(IllegalArgumentException.class);
    }
}
