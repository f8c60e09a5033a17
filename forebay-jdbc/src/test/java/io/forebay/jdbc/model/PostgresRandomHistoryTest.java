package io.forebay.jdbc.model;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.forebay.testservers.PostgresServer;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** On a real PostgreSQL, with fsync on. */
class PostgresRandomHistoryTest extends RandomDatabaseHistory {
    private static PostgresServer server;
    private static HikariDataSource pool;

    @BeforeAll
    static void start() {
        server = PostgresServer.create();
        HikariConfig config = new HikariConfig();
        config.setDataSource(server.dataSource());
        config.setMaximumPoolSize(20);
        pool = new HikariDataSource(config);
    }

    @AfterAll
    static void stop() {
        pool.close();
        server.close();
    }

    @Override
    DataSource dataSource() {
        return pool;
    }
}
