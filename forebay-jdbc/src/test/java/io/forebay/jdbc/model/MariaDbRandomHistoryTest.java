package io.forebay.jdbc.model;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.forebay.testservers.MariaDbServer;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** On a real MariaDB, with durable commits. */
class MariaDbRandomHistoryTest extends RandomDatabaseHistory {
    private static MariaDbServer server;
    private static HikariDataSource pool;

    @BeforeAll
    static void start() {
        server = MariaDbServer.create();
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

    @Override
    String timestampType() {
        return "datetime(6)";
    }
}
