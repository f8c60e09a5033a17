package io.forebay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.forebay.Forebay;
import io.forebay.MissingRow;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.stream.Stream;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ToolsTest {
    @TempDir
    private Path folder;

    private String url = "";

    @BeforeEach
    void one_table() throws SQLException {
        url = "jdbc:h2:file:" + folder.resolve("db") + ";WRITE_DELAY=0";
        sql("CREATE TABLE pages (path varchar(50) PRIMARY KEY, views bigint NOT NULL CHECK (views < 100))");
    }

    @Test
    void a_dead_letter_is_listed_replayed_and_dropped() throws SQLException {
        write(MissingRow.DEAD_LETTER);

        Cli listed = Cli.run("dead-letters", "list", "--jdbc-url", url);
        assertThat(listed.code()).isZero();
        assertThat(listed.out()).contains("02000").contains("/home").contains("1 dead letter");

        Cli refused = Cli.run("dead-letters", "replay", "--jdbc-url", url);
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.out()).contains("0 applied, 1 refused again");

        sql("INSERT INTO pages (path, views) VALUES ('/home', 5)");
        Cli applied = Cli.run("dead-letters", "replay", "--jdbc-url", url, "--table", "pages");
        assertThat(applied.code()).isZero();
        assertThat(applied.out()).contains("1 applied, 0 refused again");
        assertThat(Cli.run("dead-letters", "list", "--jdbc-url", url).out()).contains("no dead letters");
    }

    @Test
    void dead_letters_of_one_table_are_dropped() {
        write(MissingRow.DEAD_LETTER);

        assertThat(Cli.run("dead-letters", "drop", "--jdbc-url", url, "--table", "other")
                        .out())
                .contains("0 dead letters dropped");
        assertThat(Cli.run("dead-letters", "drop", "--jdbc-url", url, "--all").out())
                .contains("1 dead letter dropped");
    }

    @Test
    void a_database_without_dead_letters_is_a_clear_error_or_none() {
        Cli result = Cli.run("dead-letters", "list", "--jdbc-url", url);

        assertThat(result.err().lines().toList()).hasSizeLessThan(2);
    }

    @Test
    void a_sound_journal_is_shown_and_verified() {
        write(MissingRow.INSERT);

        Cli shown = Cli.run("journal", "inspect", journal().toString());
        assertThat(shown.code()).isZero();
        assertThat(shown.out()).contains("8 partitions").contains(".segment").contains("sound");

        assertThat(Cli.run("journal", "verify", journal().toString()).code()).isZero();
        assertThat(Cli.run("journal", "repair", journal().toString()).out()).contains("nothing to repair");
    }

    @Test
    void a_damaged_journal_is_reported_and_cut() throws IOException {
        write(MissingRow.INSERT);
        damage();

        Cli found = Cli.run("journal", "verify", journal().toString());
        assertThat(found.code()).isEqualTo(1);
        assertThat(found.err().lines())
                .singleElement()
                .asString()
                .contains("is damaged")
                .contains("journal repair");
        assertThat(Cli.run("journal", "inspect", journal().toString()).out()).contains("is damaged");

        Cli cut = Cli.run("journal", "repair", journal().toString());
        assertThat(cut.code()).isZero();
        assertThat(cut.out()).contains("taken out and kept in").contains(".damaged");
        assertThat(Cli.run("journal", "verify", journal().toString()).code()).isZero();
    }

    @Test
    void a_damaged_manifest_is_rebuilt_and_the_journal_goes_on() throws IOException {
        write(MissingRow.INSERT);
        Files.write(journal().resolve("default").resolve("manifest"), new byte[64]);

        assertThat(Cli.run("journal", "verify", journal().toString()).err()).contains("manifest", "journal repair");
        Cli repaired = Cli.run("journal", "repair", journal().toString());

        assertThat(repaired.code()).isZero();
        assertThat(repaired.out())
                .contains("manifest rebuilt from the segments")
                .doesNotContain("taken out");
        write(MissingRow.INSERT);
        assertThat(Cli.run("journal", "verify", journal().toString()).code()).isZero();
    }

    private Path journal() {
        return folder.resolve("journal");
    }

    private void write(MissingRow policy) {
        JdbcDataSource dataSource = new JdbcDataSource();
        dataSource.setURL(url);
        try (Forebay forebay = Forebay.builder()
                .database(dataSource)
                .journal(journal())
                .createTables()
                .build()) {
            forebay.table("pages", table -> table.onMissingRow(policy))
                    .row("/home")
                    .increment("views");
            forebay.flushAndWait();
        }
    }

    /** Turns a byte of the last data frame around: the last 512 bytes that are not all zero, a sector earlier. */
    private void damage() throws IOException {
        Path segment;
        try (Stream<Path> files = Files.list(journal().resolve("default"))) {
            segment = files.filter(file -> file.toString().endsWith(".segment"))
                    .findFirst()
                    .orElseThrow();
        }
        try (FileChannel channel = FileChannel.open(segment, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.allocate(16 << 10);
            channel.read(bytes, 0);
            int last = bytes.position() - 1;
            while (bytes.get(last) == 0) last--;
            channel.write(ByteBuffer.wrap(new byte[] {(byte) ~bytes.get(last)}), last);
        }
    }

    private void sql(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
