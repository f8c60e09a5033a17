package io.forebay.jdbc.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.zaxxer.hikari.HikariDataSource;
import io.forebay.Forebay;
import io.forebay.ForebayException;
import io.forebay.ForebayListener;
import io.forebay.MissingRow;
import io.forebay.Row;
import io.forebay.Table;
import io.forebay.spi.TransientSinkException;
import io.forebay.testservers.PostgresServer;
import io.forebay.testservers.SmallDisk;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A database whose disk is really full: that passes, so nothing is refused for it, nothing goes to the dead letters, and
 * what can be read is exact; when there is room, the rest is applied once.
 */
final class FullDatabaseDiskTest {
    private static final int DISK_BYTES = 4 << 20;
    private static final int ROWS = 200;
    private static final int RETRIES = 5;
    private static final String NOTE = "x".repeat(900);

    @TempDir
    Path folder;

    @TempDir
    Path mountPoint;

    private final List<ForebayException> retries = new CopyOnWriteArrayList<>();
    private final List<ForebayException> unreadable = new ArrayList<>();
    private final List<String> troubles = new CopyOnWriteArrayList<>();
    private final Map<Long, Long> hits = new TreeMap<>();
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
    void a_full_tablespace_of_postgresql_delays_writes_and_loses_none() {
        try (PostgresServer server = PostgresServer.create()) {
            DataSource dataSource = server.dataSource();
            Databases.execute(dataSource, "CREATE TABLESPACE small LOCATION '" + disk.serverFolder("tablespace") + "'");
            Databases.execute(
                    dataSource,
                    "CREATE TABLE full_row (id bigint PRIMARY KEY, hits bigint, note varchar(1000)) TABLESPACE small");

            writeWhileItIsFull(dataSource);

            assertThat(unreadable).isEmpty();
            assertThat(retries)
                    .allSatisfy(reason -> assertThat(reason)
                            .hasMessageContaining("No space left on device")
                            .hasMessageContaining("53100"));
        }
    }

    /** H2 closes itself when it cannot write, so it cannot be read either until somebody opens it again. */
    @Test
    @Tag("slow")
    void a_full_disk_below_h2_delays_writes_and_loses_none() {
        DataSource dataSource = Databases.dataSource("jdbc:h2:file:" + mountPoint.resolve("h2") + ";WRITE_DELAY=0");
        Databases.execute(dataSource, "CREATE TABLE full_row (id bigint PRIMARY KEY, hits bigint, note varchar(1000))");

        writeWhileItIsFull(dataSource);
    }

    @Test
    void a_full_disk_below_sqlite_delays_writes_and_loses_none() {
        writeToSqliteWhileItIsFull("DELETE");

        assertThat(unreadable).isEmpty();
    }

    /** A connection that is opened meanwhile finds no room for the file that connections share, and cannot read. */
    @Test
    void a_full_disk_below_a_write_ahead_log_of_sqlite_delays_writes_and_loses_none() {
        writeToSqliteWhileItIsFull("WAL");
    }

    private void writeToSqliteWhileItIsFull(String journalMode) {
        try (HikariDataSource pool =
                Databases.pool("jdbc:sqlite:" + mountPoint.resolve("db") + "?journal_mode=" + journalMode)) {
            Databases.execute(pool, "CREATE TABLE full_row (id bigint PRIMARY KEY, hits bigint, note varchar(1000))");

            writeWhileItIsFull(pool);

            assertThat(retries).isNotEmpty();
        }
    }

    private void writeWhileItIsFull(DataSource dataSource) {
        try (Forebay forebay = Databases.busy(dataSource, folder.resolve("journal"))
                .listener(listener())
                .build()) {
            Table table = forebay.table("full_row", options -> options.onMissingRow(MissingRow.INSERT));
            incrementAll(table);
            forebay.flushAndWait();
            disk.fill();

            while (retries.size() < RETRIES) incrementAll(table);
            incrementAll(table);
            disk.makeRoom();
            forebay.flushAndWait();

            incrementAll(table);
        }
        List<List<Object>> expected = new ArrayList<>();
        hits.forEach((id, number) -> expected.add(List.of(id, number)));
        assertThat(Databases.query(dataSource, "SELECT id, hits FROM full_row ORDER BY id"))
                .isEqualTo(expected);
        assertThat(Databases.query(dataSource, "SELECT count(*) FROM forebay_dead_letter"))
                .isEqualTo(List.of(List.of(0L)));
        assertThat(troubles).isEmpty();
    }

    /** One more for each row, with a text, so that the row needs a new place; each is read at once. */
    private void incrementAll(Table table) {
        for (long id = 0; id < ROWS; id++) {
            Row row = table.row(id);
            row.set("note", NOTE);
            row.increment("hits").await(Duration.ofSeconds(30));
            long expected = hits.merge(id, 1L, Long::sum);
            read(row).ifPresent(found -> assertThat(found).isEqualTo(expected));
        }
    }

    private Optional<Long> read(Row row) {
        try {
            return Optional.of(row.getLong("hits"));
        } catch (TransientSinkException e) {
            unreadable.add(e);
            return Optional.empty();
        }
    }

    private ForebayListener listener() {
        return new ForebayListener() {
            @Override
            public void retrying(String database, int partition, ForebayException reason, Duration wait) {
                retries.add(reason);
            }

            @Override
            public void halted(String database, int partition, ForebayException reason) {
                troubles.add("partition " + partition + " halted: " + reason);
            }
        };
    }
}
