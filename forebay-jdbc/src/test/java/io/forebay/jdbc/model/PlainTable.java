package io.forebay.jdbc.model;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A table that is written to as an application without a buffer does it: one mutation, one statement, at once. */
final class PlainTable {
    private final Connection connection;
    private final String name;
    private final Values values;

    /** What a driver takes and gives where a database has no type of its own for it. */
    interface Values {
        /** Those of a driver that takes and gives all of them. */
        Values OF_THE_DRIVER = new Values() {};

        default Object written(Object value) {
            return value;
        }

        default Object found(String column, Object value) {
            return value;
        }
    }

    PlainTable(Connection connection, String name, Values values) {
        this.connection = connection;
        this.name = name;
        this.values = values;
    }

    boolean exists(long id) throws SQLException {
        return execute("SELECT id FROM " + name + " WHERE id = ?", List.of(id), rows -> rows.next());
    }

    int increment(long id, String column, Object delta) throws SQLException {
        return update(
                "UPDATE " + name + " SET " + column + " = COALESCE(" + column + ", 0) + ? WHERE id = ?", delta, id);
    }

    int max(long id, String column, Object value) throws SQLException {
        String larger = "CASE WHEN " + column + " IS NULL OR " + column + " < ? THEN ? ELSE " + column + " END";
        return update("UPDATE " + name + " SET " + column + " = " + larger + " WHERE id = ?", value, value, id);
    }

    int min(long id, String column, Object value) throws SQLException {
        String smaller = "CASE WHEN " + column + " IS NULL OR " + column + " > ? THEN ? ELSE " + column + " END";
        return update("UPDATE " + name + " SET " + column + " = " + smaller + " WHERE id = ?", value, value, id);
    }

    int set(long id, Map<String, Object> values) throws SQLException {
        int changed = 0;
        for (Map.Entry<String, Object> value : values.entrySet())
            changed = update("UPDATE " + name + " SET " + value.getKey() + " = ? WHERE id = ?", value.getValue(), id);
        return changed;
    }

    void insert(long id, Map<String, Object> values) throws SQLException {
        Map<String, Object> all = new LinkedHashMap<>(values);
        all.put("id", id);
        String columns = String.join(", ", all.keySet());
        String marks =
                String.join(", ", all.keySet().stream().map(column -> "?").toList());
        update(
                "INSERT INTO " + name + " (" + columns + ") VALUES (" + marks + ")",
                new ArrayList<>(all.values()).toArray());
    }

    void delete(long id) throws SQLException {
        update("DELETE FROM " + name + " WHERE id = ?", id);
    }

    /** Every row by its id, with all columns by name in lower case. */
    Map<Long, Map<String, Object>> rows() throws SQLException {
        return execute("SELECT * FROM " + name, List.of(), rows -> {
            Map<Long, Map<String, Object>> all = new TreeMap<>();
            while (rows.next()) {
                Map<String, Object> row = row(rows);
                all.put(((Number) row.get("id")).longValue(), row);
            }
            return all;
        });
    }

    private Map<String, Object> row(ResultSet rows) throws SQLException {
        Map<String, Object> row = new TreeMap<>();
        ResultSetMetaData meta = rows.getMetaData();
        for (int i = 1; i <= meta.getColumnCount(); i++) {
            String column = meta.getColumnLabel(i).toLowerCase(java.util.Locale.ROOT);
            Object value = rows.getObject(i);
            row.put(column, value == null ? null : values.found(column, value));
        }
        return row;
    }

    private interface Reader<T> {
        T read(ResultSet rows) throws SQLException;
    }

    private <T> T execute(String sql, List<Object> values, Reader<T> reader) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, values.toArray());
            try (ResultSet rows = statement.executeQuery()) {
                return reader.read(rows);
            }
        }
    }

    private int update(String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, values);
            return statement.executeUpdate();
        }
    }

    private void bind(PreparedStatement statement, Object... parameters) throws SQLException {
        for (int i = 0; i < parameters.length; i++)
            statement.setObject(i + 1, parameters[i] == null ? null : values.written(parameters[i]));
    }

    static void run(Connection connection, String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) statement.execute(sql);
        }
    }
}
