package io.forebay.cdc.event;

import static org.assertj.core.api.Assertions.assertThat;

import io.forebay.cdc.MySqlConnector;
import io.forebay.testservers.MariaDbServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Changes in a real binary log, read by Debezium's connector for MySQL. */
class MySqlShapesTest extends ShapesContract {
    @TempDir
    private static Path directory;

    private Recorded recorded;

    @BeforeAll
    void record() throws Exception {
        try (MariaDbServer server = MariaDbServer.createWithBinaryLog();
                Connection connection = server.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            for (String table : List.of(
                    "users (id int PRIMARY KEY, name varchar(99) NOT NULL DEFAULT 'nobody', note text, price decimal(9,2))",
                    "complete (id varchar(9) PRIMARY KEY, email varchar(99))",
                    "pairs (a int, b varchar(9), op varchar(9), PRIMARY KEY (a, b))",
                    "keyless (v int)",
                    "large (id bigint unsigned PRIMARY KEY, raw binary(4), flag bit(1))",
                    "end (id int PRIMARY KEY)")) statement.execute("CREATE TABLE " + table);
            statement.execute("INSERT INTO users (id, name) VALUES (0, 'in snapshot')");
            Map<String, String> connector = new HashMap<>(MySqlConnector.reading(server));
            connector.put("schema.history.internal", "io.debezium.relational.history.MemorySchemaHistory");
            recorded = Recorded.of(connector, directory.resolve("offsets"), "forebay", () -> change(statement));
        }
    }

    private static void change(Statement statement) throws Exception {
        for (String change : CHANGES) statement.execute(change);
        statement.execute("INSERT INTO large VALUES (9007199254740993, x'00FF10AB', 1)");
        statement.execute("ALTER TABLE large ADD note text");
        statement.execute("INSERT INTO end VALUES (1)");
    }

    @Override
    Recorded recorded() {
        return recorded;
    }

    @Override
    String qualifierField() {
        return "db";
    }

    @Override
    List<Parsed> notices() {
        return List.of(Parsed.Notice.HEARTBEAT, Parsed.Notice.TRANSACTION, Parsed.Notice.SCHEMA_CHANGE);
    }

    /** Positions begin anew on another server, and GTIDs have no order. */
    @Test
    void the_log_position_is_no_fence() {
        ChangeEvent created = Records.event(Records.json(one("users", "c"), false));

        assertThat(created.connector()).isEqualTo("mysql");
        assertThat(created.fence()).isEmpty();
        assertThat(created.completeAfter()).isPresent();
    }

    @Test
    void before_is_the_row() {
        ChangeEvent deleted = Records.event(Records.json(deletion().get(0), false));

        assertThat(deleted.before().path("name").asText()).isEqualTo("ann");
    }

    @Test
    void a_large_number_is_the_key_it_was() {
        assertThat(Records.event(Records.json(one("large", "c"), false)).key().text())
                .isEqualTo("i:9007199254740993");
    }
}
