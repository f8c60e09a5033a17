package io.forebay.cli.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogFileTest {
    @TempDir
    private Path folder;

    @Test
    void lines_end_at_newlines_with_or_without_a_return() throws IOException {
        assertThat(lines(plain("a\nb\r\n\nc"))).containsExactly("a", "b", "", "c");
        assertThat(lines(plain(""))).isEmpty();
        assertThat(lines(plain("\n"))).containsExactly("");
    }

    @Test
    void gzip_is_known_by_its_first_bytes_not_by_its_name() throws IOException {
        assertThat(lines(gzip("log.txt", "a\nb\n"))).containsExactly("a", "b");
    }

    @Test
    void a_gzip_of_several_members_is_read_to_its_end() throws IOException {
        Path file = gzip("log.gz", "a\n");
        byte[] more = Files.readAllBytes(gzip("more.gz", "b\n"));
        Files.write(file, more, java.nio.file.StandardOpenOption.APPEND);

        assertThat(lines(file)).containsExactly("a", "b");
    }

    @Test
    void a_line_without_end_is_cut_and_the_next_one_is_whole() throws IOException {
        String endless = "x".repeat(3 * LogFile.MAX_LINE_BYTES + 7);

        try (LogFile file = LogFile.open(plain(endless + "\nnext\n"))) {
            LogFile.Line first = file.next();
            assertThat(first).isNotNull();
            assertThat(first.isCut()).isTrue();
            assertThat(first.text()).hasSize(LogFile.MAX_LINE_BYTES);
            LogFile.Line next = file.next();
            assertThat(next).isNotNull();
            assertThat(next.isCut()).isFalse();
            assertThat(next.text()).isEqualTo("next");
        }
    }

    @Test
    void a_long_path_becomes_a_key_that_databases_can_index() {
        String one = "/" + "ü".repeat(5_000) + "1";
        String other = "/" + "ü".repeat(5_000) + "2";

        assertThat(PageKey.of(one)).hasSizeLessThanOrEqualTo(PageKey.MAX_CHARS);
        assertThat(PageKey.of(one)).isEqualTo(PageKey.of(one)).isNotEqualTo(PageKey.of(other));
        assertThat(PageKey.of("/short")).isEqualTo("/short");
        assertThat(PageKey.of("a".repeat(PageKey.MAX_CHARS))).hasSize(PageKey.MAX_CHARS);
    }

    private static List<String> lines(Path path) throws IOException {
        List<String> lines = new ArrayList<>();
        try (LogFile file = LogFile.open(path)) {
            for (LogFile.Line line = file.next(); line != null; line = file.next()) lines.add(line.text());
        }
        return lines;
    }

    private Path plain(String text) throws IOException {
        return Files.writeString(folder.resolve("plain.log"), text);
    }

    private Path gzip(String name, String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return Files.write(folder.resolve(name), bytes.toByteArray());
    }
}
