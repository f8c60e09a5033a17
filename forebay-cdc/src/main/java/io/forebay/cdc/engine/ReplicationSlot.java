package io.forebay.cdc.engine;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * PostgreSQL's replication slot: as long as it is there and was not set ahead, the server has kept every change since the stored
 * position. The connector would make a new one without a word.
 */
final class ReplicationSlot {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicationSlot.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String LOST = "lost";

    private final Map<String, String> properties;
    private final String name;

    /** What the server says of a slot; the status is empty before PostgreSQL 13. */
    private record State(String status, long confirmedLsn) {}

    ReplicationSlot(Map<String, String> properties) {
        this.properties = properties;
        this.name = properties.getOrDefault("slot.name", "debezium");
    }

    /**
     * Why changes since the stored position may be missing; empty if none is. A slot that is lost is dropped, so that the connector
     * can make a new one.
     */
    Optional<String> gapSince(Map<String, String> offsets) throws SQLException {
        try (Connection connection = connect()) {
            adviseLimit(connection);
            Optional<State> state = state(connection);
            if (state.isEmpty()) return Optional.of("the replication slot '" + name + "' is not there");
            if (state.get().status().equals(LOST)) {
                drop(connection);
                return Optional.of("the server has given up the replication slot '" + name + "'");
            }
            long stored = lsn(offsets);
            if (state.get().confirmedLsn() <= stored) return Optional.empty();
            return Optional.of("the replication slot '%s' is at %d, ahead of the stored position %d"
                    .formatted(name, state.get().confirmedLsn(), stored));
        }
    }

    /** Drops the slot if it is there: a slot that nobody reads makes the server keep its log for ever. */
    void drop() throws SQLException {
        try (Connection connection = connect()) {
            if (state(connection).isPresent()) drop(connection);
        }
    }

    private void drop(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT pg_drop_replication_slot(?)")) {
            statement.setString(1, name);
            statement.execute();
        }
    }

    private Optional<State> state(Connection connection) throws SQLException {
        String sql =
                "SELECT coalesce(to_jsonb(s) ->> 'wal_status', ''), coalesce(confirmed_flush_lsn - '0/0'::pg_lsn, 0)"
                        + " FROM pg_replication_slots s WHERE slot_name = ?";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, name);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? Optional.of(new State(row.getString(1), row.getLong(2))) : Optional.empty();
            }
        }
    }

    private void adviseLimit(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SHOW max_slot_wal_keep_size");
                ResultSet row = statement.executeQuery()) {
            if (row.next() && row.getString(1).equals("-1"))
                LOG.info(
                        "max_slot_wal_keep_size is not limited: if slot '{}' is not read, the server's log grows until"
                                + " the disk is full. With a limit the slot is lost instead, and everything is invalidated"
                                + " once",
                        name);
        }
    }

    /** The highest log position that is stored; 0 if there is none. */
    private static long lsn(Map<String, String> offsets) {
        return offsets.values().stream()
                .map(ReplicationSlot::parse)
                .flatMap(position -> Stream.of("lsn", "lsn_proc", "lsn_commit").map(position::path))
                .mapToLong(JsonNode::asLong)
                .max()
                .orElse(0);
    }

    private static JsonNode parse(String position) {
        try {
            return JSON.readTree(position);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a stored position is not JSON", e);
        }
    }

    private Connection connect() throws SQLException {
        String url = "jdbc:postgresql://%s:%s/%s"
                .formatted(
                        properties.get("database.hostname"),
                        properties.getOrDefault("database.port", "5432"),
                        properties.get("database.dbname"));
        Properties login = new Properties();
        login.setProperty("user", properties.getOrDefault("database.user", ""));
        login.setProperty("password", properties.getOrDefault("database.password", ""));
        if (properties.containsKey("database.sslmode"))
            login.setProperty("sslmode", properties.get("database.sslmode"));
        login.setProperty("connectTimeout", "10");
        login.setProperty("socketTimeout", "30");
        return DriverManager.getConnection(url, login);
    }
}
