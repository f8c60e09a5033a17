package io.forebay.jdbc.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.forebay.Ack;
import io.forebay.BufferFullException;
import io.forebay.BufferPolicy;
import io.forebay.Durability;
import io.forebay.FlushPolicy;
import io.forebay.Forebay;
import io.forebay.ForebayException;
import io.forebay.ForebayListener;
import io.forebay.FullPolicy;
import io.forebay.JournalPolicy;
import io.forebay.MissingRow;
import io.forebay.Row;
import io.forebay.Table;
import io.forebay.spi.TransientSinkException;
import io.forebay.testservers.PostgresServer;
import io.forebay.testservers.TcpProxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A database that is away for so long that everything fills up. Writers wait and are refused with numbers; nothing is
 * dropped, nothing goes to the dead letters; when it is back, those who try again are let in, and all is applied once.
 */
@Timeout(120)
final class OutageTest {
    private static final int WRITERS = 3;
    private static final Duration PATIENCE = Duration.ofMillis(300);
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final JournalPolicy AMPLE = new JournalPolicy(256 << 10, Duration.ZERO, 0, 1 << 30);
    private static final FlushPolicy FLUSH = FlushPolicy.DEFAULT
            .withMaxRows(1_000)
            .withInterval(Duration.ofMillis(20), Duration.ZERO)
            .withRetry(Duration.ofMillis(10), Duration.ofMillis(200));
    private static final long FIRST_ROW = -1; // of no writer
    private static final int ROWS = 1_500; // of each writer
    private static final int MANY = 3_000;
    private static final int OUTSTANDING = 50; // a frame is smaller than a segment

    private static PostgresServer server;

    private final Map<Long, Long> taken = new ConcurrentHashMap<>();
    private final List<BufferFullException> refusals = new CopyOnWriteArrayList<>();
    private final List<Duration> waits = new CopyOnWriteArrayList<>();
    private final List<String> halts = new CopyOnWriteArrayList<>();
    private final AtomicBoolean ending = new AtomicBoolean();

    @TempDir
    Path folder;

    private TcpProxy network;

    @BeforeAll
    static void startServer() {
        server = PostgresServer.create();
    }

    @AfterAll
    static void endServer() {
        server.close();
    }

    @BeforeEach
    void prepare() {
        network = TcpProxy.to(server.host(), server.port());
        Databases.execute(server.dataSource(), "DROP TABLE IF EXISTS outage");
        Databases.execute(
                server.dataSource(), "CREATE TABLE outage (id bigint PRIMARY KEY, hits bigint, note varchar(1000))");
    }

    @AfterEach
    void end() {
        ending.set(true);
        server.start();
        network.close();
    }

    @Test
    @Tag("slow")
    void a_stopped_server_until_the_buffer_is_full_of_rows_loses_nothing() {
        BufferPolicy fewRows = new BufferPolicy(64 << 20, 2_000, FullPolicy.BLOCK, PATIENCE);

        outage(fewRows, AMPLE, "", server::stop, server::start);

        assertThat(refusals)
                .anySatisfy(refusal -> assertThat(refusal).hasMessageMatching(".* 200[0-9] of 2000 rows.*"));
    }

    @Test
    void a_killed_server_until_the_buffer_is_full_of_bytes_loses_nothing() {
        BufferPolicy fewBytes = new BufferPolicy(1 << 20, 1_000_000, FullPolicy.BLOCK, PATIENCE);

        outage(fewBytes, AMPLE, "x".repeat(900), server::kill, server::start);

        assertThat(refusals)
                .anySatisfy(refusal ->
                        assertThat(refusal).hasMessageMatching(".*pending: 10[4-9][0-9]{4} of 1048576 bytes.*"));
    }

    @Test
    @Tag("slow")
    void a_network_that_is_cut_until_the_journals_disk_is_full_loses_nothing() {
        BufferPolicy ample = new BufferPolicy(64 << 20, 1_000_000, FullPolicy.BLOCK, PATIENCE);
        JournalPolicy small = new JournalPolicy(64 << 10, Duration.ZERO, 0, 512 << 10);

        outage(ample, small, "x".repeat(100), this::cutNetwork, () -> network.refuse(false));

        assertThat(refusals)
                .allSatisfy(refusal -> assertThat(refusal).hasMessageMatching(".*journal: [0-9]+ of 458752 bytes.*"));
    }

    private void cutNetwork() {
        network.refuse(true);
        network.cut();
    }

    private void outage(BufferPolicy buffer, JournalPolicy journal, String note, Runnable leave, Runnable comeBack) {
        try (HikariDataSource pool = pool();
                Forebay forebay = Databases.busy(pool, folder.resolve("journal"))
                        .flush(FLUSH)
                        .buffer(buffer)
                        .journalPolicy(journal)
                        .listener(listener())
                        .build()) {
            Table table = forebay.table("outage", options -> options.onMissingRow(MissingRow.INSERT));
            table.row(FIRST_ROW).with(Durability.FLUSHED).increment("hits").await(SOON);
            leave.run();
            Ack unflushed = table.row(FIRST_ROW).with(Durability.FLUSHED).increment("hits");
            List<CompletableFuture<Void>> writers = startWriters(table, note);
            await().atMost(SOON).until(() -> refusals.size() >= 2 * WRITERS);
            await().atMost(SOON).until(() -> forebay.stats().retries() > 0);

            assertThat(waits)
                    .isNotEmpty()
                    .allSatisfy(wait -> assertThat(wait).isBetween(PATIENCE, PATIENCE.plus(PATIENCE)));
            assertThat(unflushed.toCompletableFuture()).isNotDone();
            assertThat(forebay.stats().deadLetters()).isZero();
            assertThatThrownBy(() -> table.row(FIRST_ROW).getLong("hits"))
                    .isInstanceOf(TransientSinkException.class)
                    .hasMessageContaining("reading a row of outage");

            long before = taken();
            comeBack.run();
            await().atMost(SOON).until(() -> taken() > before + MANY); // they go on by themselves
            ending.set(true);
            writers.forEach(CompletableFuture::join);
            forebay.flushAndWait();

            assertThat(unflushed.toCompletableFuture()).isCompleted();
            assertThat(table.row(FIRST_ROW).getLong("hits")).isEqualTo(2);
            assertThat(forebay.stats().pendingRows()).isZero();
            assertThat(forebay.stats().healthy()).isTrue();
        }
        assertThat(hitsInDatabase()).isEqualTo(hitsTaken());
        assertThat(Databases.query(server.dataSource(), "SELECT count(*) FROM forebay_dead_letter"))
                .isEqualTo(List.of(List.of(0L)));
        assertThat(halts).isEmpty();
    }

    private HikariDataSource pool() {
        HikariConfig config = new HikariConfig();
        config.setDataSource(server.dataSource(network.port()));
        config.setMaximumPoolSize(6);
        config.setConnectionTimeout(500);
        return new HikariDataSource(config);
    }

    private List<CompletableFuture<Void>> startWriters(Table table, String note) {
        List<CompletableFuture<Void>> writers = new ArrayList<>();
        for (int writer = 0; writer < WRITERS; writer++) {
            long firstRow = (long) writer * ROWS;
            writers.add(CompletableFuture.runAsync(
                    () -> writeOn(table, firstRow, note), task -> new Thread(task, "writer").start()));
        }
        return writers;
    }

    /** As an application would: what was refused is tried again, what was taken is durable. */
    private void writeOn(Table table, long firstRow, String note) {
        Deque<Ack> acks = new ArrayDeque<>();
        for (int i = 0; !ending.get(); ) {
            Row row = table.row(firstRow + i % ROWS);
            try {
                row.set("note", note);
                acks.add(row.increment("hits"));
                taken.merge(firstRow + i % ROWS, 1L, Long::sum);
                i++;
            } catch (BufferFullException e) {
                refusals.add(e);
            }
            if (acks.size() > OUTSTANDING) acks.remove().await(SOON);
        }
        acks.forEach(ack -> ack.await(SOON));
    }

    private long taken() {
        return taken.values().stream().mapToLong(Long::longValue).sum();
    }

    private List<List<Object>> hitsTaken() {
        taken.put(FIRST_ROW, 2L);
        List<List<Object>> rows = new ArrayList<>();
        new TreeMap<>(taken).forEach((id, hits) -> rows.add(List.of(id, hits)));
        return rows;
    }

    /** A row whose note was taken and whose increment was refused has none. */
    private List<List<Object>> hitsInDatabase() {
        return Databases.query(server.dataSource(), "SELECT id, hits FROM outage WHERE hits IS NOT NULL ORDER BY id");
    }

    private ForebayListener listener() {
        return new ForebayListener() {
            @Override
            public void blocked(String database, Duration took, boolean refused) {
                if (refused) waits.add(took);
            }

            @Override
            public void halted(String database, int partition, ForebayException reason) {
                halts.add("partition " + partition + " halted: " + reason);
            }
        };
    }
}
