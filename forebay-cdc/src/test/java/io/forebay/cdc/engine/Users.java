package io.forebay.cdc.engine;

import io.forebay.cdc.rule.Rules;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.sql.DataSource;

/** The table of the engine's tests, and a cache of it. */
final class Users {
    static final Rules RULES = rules("public");

    private final DataSource database;

    Users(DataSource database) {
        this.database = database;
        sql("CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL)");
    }

    /** @param qualifier the schema or database that the table is in */
    static Rules rules(String qualifier) {
        return Rules.builder()
                .on(qualifier + ".users", rule -> rule.key("user:{id}"))
                .build();
    }

    /** Empties the table and fills it with rows 1 to {@code count}. */
    void fill(int count, String name) {
        String rows = IntStream.rangeClosed(1, count)
                .mapToObj(id -> "(" + id + ", '" + name + "')")
                .collect(Collectors.joining(", "));
        sql("TRUNCATE TABLE users", "INSERT INTO users VALUES " + rows);
    }

    void sql(String... statements) {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            for (String one : statements) statement.execute(one);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The whole table as a cache has it. */
    Map<String, String> entries() {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT id, name FROM users")) {
            Map<String, String> entries = new HashMap<>();
            while (rows.next()) entries.put("user:" + rows.getInt(1), rows.getString(2));
            return entries;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    String text(String query) {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            return row.next() ? row.getString(1) : null;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
