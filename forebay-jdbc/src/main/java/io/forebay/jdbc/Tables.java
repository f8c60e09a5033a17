package io.forebay.jdbc;

import io.forebay.spi.SchemaFaultException;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What was read of tables, kept until one turns out to have changed. Thread-safe. */
final class Tables {
    private final Map<String, JdbcTable> known = new ConcurrentHashMap<>();

    /** A table that is written to; one that is gone is a fault. */
    JdbcTable require(Session session, Dialect dialect, String name) throws SQLException {
        JdbcTable table = known.get(name);
        if (table != null) return table;
        try {
            table = dialect.describe(session, name);
        } catch (IllegalArgumentException e) {
            throw new SchemaFaultException("writing to " + name + ": " + e.getMessage(), e);
        }
        known.put(name, table);
        return table;
    }

    /** Reads the table anew. */
    JdbcTable refresh(Session session, Dialect dialect, String name) throws SQLException {
        JdbcTable table = dialect.describe(session, name);
        known.put(table.info().name(), table);
        return table;
    }

    void forget() {
        known.clear();
    }
}
