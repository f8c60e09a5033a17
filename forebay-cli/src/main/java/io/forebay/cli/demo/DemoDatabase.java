package io.forebay.cli.demo;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.forebay.cli.CommandFailure;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** An H2 file that forces every commit to disk. */
final class DemoDatabase {
    private DemoDatabase() {}

    static String url(Path directory) {
        return "jdbc:h2:file:" + directory.resolve("db").toAbsolutePath() + ";WRITE_DELAY=0;TRACE_LEVEL_FILE=0";
    }

    static HikariDataSource open(Path directory, String... ddl) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url(directory));
        config.setMaximumPoolSize(6);
        config.setPoolName("demo");
        HikariDataSource dataSource = new HikariDataSource(config);
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            for (String table : ddl) statement.execute(table);
            return dataSource;
        } catch (SQLException e) {
            dataSource.close();
            throw new CommandFailure("the demo's database cannot be made: " + e.getMessage(), e);
        }
    }

    /** The one number that a query gives. */
    static long number(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            result.next();
            return result.getLong(1);
        }
    }
}
