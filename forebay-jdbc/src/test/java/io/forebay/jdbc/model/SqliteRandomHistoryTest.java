package io.forebay.jdbc.model;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** On SQLite, as a file with a rollback journal. */
class SqliteRandomHistoryTest extends RandomDatabaseHistory {
    private static final DateTimeFormatter TEXT = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSS");

    @TempDir
    Path directory;

    private HikariDataSource pool;

    /** The pool looks at each connection it hands out: where this driver's are closed, it says so without an SQLSTATE. */
    @BeforeEach
    void open() {
        System.setProperty("com.zaxxer.hikari.aliveBypassWindowMs", "0");
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl("jdbc:sqlite:" + directory.resolve("db") + "?journal_mode=" + journalMode());
        config.setMaximumPoolSize(20);
        pool = new HikariDataSource(config);
    }

    String journalMode() {
        return "DELETE";
    }

    @AfterEach
    void close() {
        pool.close();
        System.clearProperty("com.zaxxer.hikari.aliveBypassWindowMs");
    }

    @Override
    DataSource dataSource() {
        return pool;
    }

    /** Times are texts there, and what plain SQL adds up are doubles. */
    @Override
    PlainTable.Values plainValues() {
        return new PlainTable.Values() {
            @Override
            public Object written(Object value) {
                return value instanceof LocalDateTime time ? TEXT.format(time) : value;
            }

            @Override
            public Object found(String column, Object value) {
                if (column.equals("score")) return new BigDecimal(value.toString()).setScale(2, RoundingMode.HALF_UP);
                return column.equals("seen") ? LocalDateTime.parse(value.toString(), TEXT) : value;
            }
        };
    }
}
