package io.forebay.cdc.event;

import static org.assertj.core.api.Assertions.assertThat;

import io.forebay.testservers.PostgresServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Changes of a real PostgreSQL. */
class PostgresShapesTest extends ShapesContract {
    @TempDir
    private static Path directory;

    private Recorded recorded;

    @BeforeAll
    void record() throws Exception {
        try (PostgresServer server = PostgresServer.create();
                Connection connection = server.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            for (String table : List.of(
                    "users (id int PRIMARY KEY, name text NOT NULL DEFAULT 'nobody', note text, price numeric(9,2))",
                    "complete (id text PRIMARY KEY, email text)",
                    "pairs (a int, b text, op text, PRIMARY KEY (a, b))",
                    "keyless (v int)",
                    "wide (id int PRIMARY KEY, n int, long text, longs text[], numbers int[], raw bytea)",
                    "\"end\" (id int PRIMARY KEY)")) statement.execute("CREATE TABLE " + table);
            statement.execute("ALTER TABLE complete REPLICA IDENTITY FULL");
            statement.execute("INSERT INTO users (id, name) VALUES (0, 'in snapshot')");
            recorded = Recorded.of(connector(server), directory.resolve("offsets"), "public", () -> change(statement));
        }
    }

    private static Map<String, String> connector(PostgresServer server) {
        return Map.of(
                "connector.class", "io.debezium.connector.postgresql.PostgresConnector",
                "plugin.name", "pgoutput",
                "database.hostname", server.host(),
                "database.port", Integer.toString(server.port()),
                "database.user", "postgres",
                "database.password", "",
                "database.dbname", "postgres");
    }

    private static void change(Statement statement) throws Exception {
        String random = "(SELECT string_agg(md5(i::text), '') FROM generate_series(1, 500) i)";
        for (String change : CHANGES) statement.execute(change);
        statement.execute(
                "INSERT INTO wide VALUES (1, 1, %s, ARRAY[%s], ARRAY(SELECT i*7919 FROM generate_series(1, 9000) i), decode(%s, 'hex'))"
                        .formatted(random, random, random));
        statement.execute("UPDATE wide SET n = 2");
        statement.execute("SELECT pg_logical_emit_message(true, 'hello', 'content')");
        statement.execute("INSERT INTO \"end\" VALUES (1)");
    }

    @Override
    Recorded recorded() {
        return recorded;
    }

    @Override
    String qualifierField() {
        return "schema";
    }

    @Override
    List<Parsed> notices() {
        return List.of(Parsed.Notice.HEARTBEAT, Parsed.Notice.TRANSACTION, Parsed.Notice.MESSAGE);
    }

    @Test
    void the_log_position_is_a_fence_and_the_transaction_is_known() {
        ChangeEvent created = Records.event(Records.json(one("users", "c"), false));
        ChangeEvent updated = Records.event(Records.json(one("users", "u"), false));

        assertThat(created.connector()).isEqualTo("postgresql");
        assertThat(created.transaction()).isNotNull();
        assertThat(updated.fence().getAsLong()).isGreaterThan(created.fence().getAsLong());
        assertThat(updated.completeAfter()).isPresent();
    }

    /** With the default identity it has the key and made-up values: this is why rules do not trust it unasked. */
    @Test
    void before_of_the_default_identity_is_made_up_but_for_the_key() {
        ChangeEvent deleted = Records.event(Records.json(deletion().get(0), false));

        assertThat(deleted.before().path("id").asInt()).isEqualTo(2);
        assertThat(deleted.before().path("name").asText()).isNotEqualTo("ann");
    }

    @Test
    void what_the_database_did_not_send_is_known_as_such() {
        ChangeEvent updated = Records.event(Records.json(one("wide", "u"), false));

        for (String column : List.of("long", "longs", "numbers", "raw"))
            assertThat(Values.isUnavailable(updated.after().path(column)))
                    .as(column)
                    .isTrue();
        assertThat(Values.isUnavailable(updated.after().path("n"))).isFalse();
        assertThat(updated.completeAfter()).isEmpty();
    }
}
