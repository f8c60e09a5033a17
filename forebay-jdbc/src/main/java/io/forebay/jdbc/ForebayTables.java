package io.forebay.jdbc;

import io.forebay.spi.SchemaFaultException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.sql.DataSource;

/**
 * Forebay's own tables: {@code forebay_database}, {@code forebay_watermark} and {@code forebay_dead_letter}. Their DDL is
 * shipped per database, for those who let a migration tool create them.
 */
public final class ForebayTables {
    private static final List<String> DATABASES = List.of("postgresql", "mariadb", "mysql", "h2", "sqlite");
    private static final List<String> TABLES = List.of("forebay_database", "forebay_watermark", "forebay_dead_letter");

    private ForebayTables() {}

    /** Names of the databases there is DDL for. */
    public static List<String> databases() {
        return DATABASES;
    }

    /**
     * The DDL as shipped: statements that end with a semicolon, and create nothing that exists.
     *
     * @param database one of {@link #databases()}
     * @throws IllegalArgumentException if there is none for that database
     */
    public static String ddl(String database) {
        if (!DATABASES.contains(database))
            throw new IllegalArgumentException("no DDL for " + database + ", there is for " + DATABASES);
        try (InputStream resource = ForebayTables.class.getResourceAsStream(resource(database))) {
            if (resource == null) throw new IllegalStateException(resource(database) + " is not in the jar");
            return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** MariaDB takes what MySQL takes. */
    private static String resource(String database) {
        return (database.equals("mariadb") ? "mysql" : database) + ".sql";
    }

    /**
     * Creates the tables that are missing; safe while other programs do the same.
     *
     * @throws io.forebay.spi.SinkException if the database cannot or will not
     */
    public static void create(DataSource dataSource) {
        SqlErrors errors = SqlErrors.STANDARD;
        try (Session session = Session.open(dataSource)) {
            Dialect dialect = Dialect.of(session);
            errors = dialect.errors();
            require(session, dialect, true);
        } catch (SQLException e) {
            throw errors.translate("creating Forebay's tables", e);
        }
    }

    /** Makes sure that the tables exist, creating them if asked to. */
    static void require(Session session, Dialect dialect, boolean create) throws SQLException {
        if (missing(session, dialect).isEmpty()) return;
        if (create) create(session, dialect);
        List<String> missing = missing(session, dialect);
        if (!missing.isEmpty())
            throw new SchemaFaultException(
                    "the database has no table " + String.join(", ", missing)
                            + ": call createTables() on the builder, or run what `forebay schema " + dialect.name()
                            + "` prints",
                    null);
    }

    private static void create(Session session, Dialect dialect) throws SQLException {
        session.begin();
        dialect.prepareTransaction(session, Duration.ofMinutes(1));
        dialect.lockForCreation(session);
        for (String statement : statements(ddl(dialect.name()))) session.execute(statement);
        session.commit();
    }

    private static List<String> statements(String ddl) {
        return Arrays.stream(ddl.replaceAll("--[^\n]*", "").split(";"))
                .map(String::strip)
                .filter(it -> !it.isEmpty())
                .toList();
    }

    /** A look that fails ends its transaction, so each table gets its own. */
    private static List<String> missing(Session session, Dialect dialect) throws SQLException {
        List<String> missing = new ArrayList<>();
        for (String table : TABLES) {
            session.begin();
            try {
                session.query("SELECT 1 FROM " + table + " WHERE 1 = 0", row -> true);
            } catch (SQLException e) {
                if (dialect.errors().kind(e) != ErrorKind.SCHEMA) throw e;
                missing.add(table);
            }
            session.rollback();
        }
        return missing;
    }
}
