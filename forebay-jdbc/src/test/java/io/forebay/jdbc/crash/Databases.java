package io.forebay.jdbc.crash;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.forebay.Forebay;
import io.forebay.testkit.crash.CrashWorkload;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.mariadb.jdbc.MariaDbDataSource;
import org.postgresql.ds.PGSimpleDataSource;
import org.sqlite.SQLiteDataSource;

/** What parent and child have in common: the way to the database, and a Forebay that flushes all the time. */
final class Databases {
    private static final String SQLITE = "jdbc:sqlite:";

    private Databases() {}

    static DataSource dataSource(String url) {
        if (url.startsWith("jdbc:h2:")) {
            JdbcDataSource h2 = new JdbcDataSource();
            h2.setURL(url);
            return h2;
        }
        if (url.startsWith(SQLITE)) {
            SQLiteDataSource sqlite = new SQLiteDataSource();
            sqlite.setUrl(url);
            return sqlite;
        }
        if (url.startsWith("jdbc:mariadb:")) {
            try {
                return new MariaDbDataSource(url);
            } catch (SQLException e) {
                throw new IllegalArgumentException(url, e);
            }
        }
        PGSimpleDataSource postgres = new PGSimpleDataSource();
        postgres.setURL(url);
        return postgres;
    }

    /**
     * For a process that will be killed: it leaves the native library behind that SQLite's driver unpacks, so that is put beside
     * the database, and goes with it.
     */
    static HikariDataSource poolOfChild(String url) {
        if (url.startsWith(SQLITE)) {
            Path file = Path.of(url.substring(SQLITE.length()).replaceFirst("[?].*", ""));
            System.setProperty("org.sqlite.tmpdir", file.getParent().toString());
        }
        return pool(url);
    }

    static HikariDataSource pool(String url) {
        HikariConfig config = new HikariConfig();
        config.setDataSource(dataSource(url));
        config.setMaximumPoolSize(6);
        config.setConnectionTimeout(2_000);
        config.setInitializationFailTimeout(-1); // a busy machine is no reason not to start
        return new HikariDataSource(config);
    }

    static Forebay.Builder busy(DataSource dataSource, Path journal) {
        return CrashWorkload.busy().database(dataSource).journal(journal);
    }

    static List<List<Object>> query(DataSource dataSource, String sql) {
        List<List<Object>> rows = new ArrayList<>();
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            while (result.next()) {
                List<Object> row = new ArrayList<>();
                for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) row.add(wide(result.getObject(i)));
                rows.add(row);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
        return rows;
    }

    /** SQLite's driver gives small numbers as small types, whatever the column's. */
    private static Object wide(Object value) {
        return value instanceof Integer number ? (Object) number.longValue() : value;
    }

    static void execute(DataSource dataSource, String sql) {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }
}
