package io.forebay.jdbc.model;

import java.nio.file.Path;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcConnectionPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** On H2, as a file. */
class H2RandomHistoryTest extends RandomDatabaseHistory {
    @TempDir
    Path directory;

    private JdbcConnectionPool pool;

    @BeforeEach
    void open() {
        pool = JdbcConnectionPool.create("jdbc:h2:file:" + directory.resolve("db") + ";WRITE_DELAY=0", "sa", "");
    }

    @AfterEach
    void close() {
        pool.dispose();
    }

    @Override
    DataSource dataSource() {
        return pool;
    }
}
