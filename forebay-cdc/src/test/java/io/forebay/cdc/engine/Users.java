package io.forebay.cdc.engine;

import io.forebay.cdc.rule.Rules;
import io.forebay.testservers.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;

/** The table of the engine's tests, and a cache of it. */
final class Users {
    static final Rules RULES =
            Rules.builder().on("public.users", rule -> rule.key("user:{id}")).build();

    private final PostgresServer server;

    Users(PostgresServer server) {
        this.server = server;
        sql("CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL)");
    }

    void sql(String... statements) {
        try (Connection connection = server.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            for (String one : statements) statement.execute(one);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The whole table as a cache has it. */
    Map<String, String> entries() {
        try (Connection connection = server.dataSource().getConnection();
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
        try (Connection connection = server.dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            return row.next() ? row.getString(1) : null;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
