package io.forebay.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.forebay.spi.Batch;
import io.forebay.spi.BatchResult;
import io.forebay.spi.SchemaFaultException;
import io.forebay.spi.Sink;
import io.forebay.spi.SinkSettings;
import io.forebay.spi.TransientSinkException;
import io.forebay.testservers.TestServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** The contract on a server: it dies, is waited for, and has several clients. */
abstract class ServerSinkContract extends JdbcSinkContract {
    /** How {@code forebay schema} calls this kind. */
    abstract String kind();

    abstract TestServer server();

    /** Where nobody has made a table yet. */
    abstract DataSource freshPlace() throws SQLException;

    /** Has rows while a transaction waits for another one. */
    abstract String waitingForLock();

    /** The SQLSTATE of a transaction that was ended for another one's sake. */
    abstract String deadlockState();

    /** A transaction that has begun with {@code sql}. */
    final Connection holding(String sql) throws SQLException {
        Connection connection = testersDataSource().getConnection();
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
        return connection;
    }

    final void awaitWaitingForLock() {
        await().until(() -> !strings(waitingForLock()).isEmpty());
    }

    @Test
    void what_was_applied_survives_a_kill_of_the_server() {
        Batch batch = batch(List.of(row("counters", 1, upsert("views", add(5)))), List.of());
        sink.apply(batch);

        server().kill();
        assertThatThrownBy(() -> sink.apply(batch)).isInstanceOf(TransientSinkException.class);
        server().start();

        assertThat(sink.apply(batch).alreadyApplied()).isTrue();
        assertThat(values("counters", 1)).containsEntry("views", 5L);
    }

    @Test
    void a_statement_that_hangs_is_aborted() throws Exception {
        apply(row("counters", 1, upsert("views", add(1))));
        Batch batch = batch(List.of(row("counters", 1, upsert("views", add(5)))), List.of());
        try (Connection other = holding("UPDATE \"counters\" SET \"views\" = 0 WHERE \"id\" = 1")) {
            CompletableFuture<BatchResult> hanging = CompletableFuture.supplyAsync(() -> sink.apply(batch));
            awaitWaitingForLock();

            sink.abort(journal, 0);

            assertThatThrownBy(() -> hanging.get(5, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(TransientSinkException.class);
            other.rollback();
        }
        assertThat(sink.apply(batch).alreadyApplied()).isFalse();
        assertThat(values("counters", 1)).containsEntry("views", 6L);
    }

    @Test
    void a_deadlock_is_a_transient_error_or_passes() throws Exception {
        execute("INSERT INTO \"counters\" (\"id\", \"views\") VALUES (1, 0), (2, 0)");
        Batch batch = batch(
                List.of(row("counters", 1, upsert("views", add(5))), row("counters", 2, upsert("views", add(5)))),
                List.of());
        try (Connection other = holding("UPDATE \"counters\" SET \"views\" = 0 WHERE \"id\" = 2");
                Statement statement = other.createStatement()) {
            CompletableFuture<BatchResult> flush = CompletableFuture.supplyAsync(() -> sink.apply(batch));
            awaitWaitingForLock();
            try {
                statement.execute("UPDATE \"counters\" SET \"views\" = 0 WHERE \"id\" = 1");
                assertThatThrownBy(() -> flush.get(5, TimeUnit.SECONDS))
                        .hasCauseInstanceOf(TransientSinkException.class)
                        .hasMessageContaining(deadlockState());
                other.rollback();
                sink.apply(batch);
            } catch (SQLException e) {
                assertThat(e.getSQLState()).isEqualTo(deadlockState());
                other.rollback();
                flush.get(5, TimeUnit.SECONDS);
            }
        }
        assertThat(values("counters", 1)).containsEntry("views", 5L);
        assertThat(values("counters", 2)).containsEntry("views", 5L);
    }

    @Test
    void missing_tables_are_named_with_both_ways_to_make_them() throws SQLException {
        Sink refused = createSink(freshPlace(), new SinkSettings(Duration.ofSeconds(5), false));

        assertThatThrownBy(() -> refused.attach(journal, 4, null))
                .isInstanceOf(SchemaFaultException.class)
                .hasMessageContaining("createTables()")
                .hasMessageContaining("forebay schema " + kind());
    }

    @Test
    void several_processes_may_create_the_tables_at_once() throws SQLException {
        DataSource fresh = freshPlace();
        List<CompletableFuture<UUID>> all = new ArrayList<>();
        for (int i = 0; i < 4; i++)
            all.add(CompletableFuture.supplyAsync(
                    () -> createSink(fresh, settings()).attach(UUID.randomUUID(), 4, null)));

        assertThat(all.stream().map(CompletableFuture::join).distinct()).hasSize(1);
    }
}
