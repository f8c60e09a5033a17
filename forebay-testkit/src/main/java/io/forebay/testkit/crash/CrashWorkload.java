package io.forebay.testkit.crash;

import io.forebay.Ack;
import io.forebay.Durability;
import io.forebay.FlushPolicy;
import io.forebay.Forebay;
import io.forebay.JournalPolicy;
import io.forebay.JournalWriteException;
import io.forebay.MissingRow;
import io.forebay.Row;
import io.forebay.Source;
import io.forebay.SourceWrites;
import io.forebay.Table;
import io.forebay.testkit.crash.WriteScript.Write;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;

/**
 * Writes by several threads, known from a seed to the last digit: increments, maxima, sets, upserts, deletes, inserts
 * again, audit rows without a key, groups of three writes with the position of a source, and increments of a few rows that
 * all threads of all rounds share.
 *
 * <p>Each writer writes in order to rows of its own. A frame of the journal is one cut through all partitions, and a crash
 * keeps a prefix of the frames: so the database must hold exactly the first <em>m</em> writes of each writer, with the same
 * <em>m</em> for all its rows and audit rows, and m at least what was acknowledged and at most what was sent. With {@link
 * Durability#MEMORY} m may be less than what was acknowledged; the rest of it holds.
 */
public final class CrashWorkload {
    private static final int WRITERS = 3;

    /** Threads that write at once, at most. */
    public static final int MAX_WRITERS = 100;

    private static final long WRITERS_PER_ROUND = MAX_WRITERS;
    private static final int MAX_OUTSTANDING = 50;
    private static final int MIN_WRITES = 300;
    private static final int FLUSHED_EVERY = 40;
    private static final String DOCUMENT_KEY = "_id";
    private static final long PAUSE_NANOS = 200_000;
    private static final Duration ACK_TIMEOUT = Duration.ofSeconds(50);

    private final long seed;
    private final Durability durability;
    private final int writers;
    private final boolean alone;
    private final boolean groups;
    private final String key;

    /** The writes of this seed, at {@link Durability#SYNCED}. */
    public CrashWorkload(long seed) {
        this(seed, Durability.SYNCED);
    }

    /**
     * The writes of this seed.
     *
     * @param durability what their acks wait for: the default durability of the {@code Forebay} that is given to {@link
     *     #run}
     */
    public CrashWorkload(long seed, Durability durability) {
        this(seed, durability, WRITERS);
    }

    /**
     * As the other one, by another number of threads.
     *
     * @param writers threads that write at once, 1 to {@value #MAX_WRITERS}; default 3
     */
    public CrashWorkload(long seed, Durability durability, int writers) {
        this(seed, durability, writers, false, true, "id");
    }

    private CrashWorkload(long seed, Durability durability, int writers, boolean alone, boolean groups, String key) {
        if (writers < 1 || writers > MAX_WRITERS)
            throw new IllegalArgumentException(
                    "writers must be between 1 and %d, was %d".formatted(MAX_WRITERS, writers));
        this.seed = seed;
        this.durability = durability;
        this.writers = writers;
        this.alone = alone;
        this.groups = groups;
        this.key = key;
    }

    /**
     * These writes for a journal that may refuse some: each writer waits for each write, so that it is known which, and goes
     * on with the next. None is asked to be {@link Durability#FLUSHED}.
     */
    public CrashWorkload refusable() {
        return new CrashWorkload(seed, durability, writers, true, true, key);
    }

    /**
     * These writes for a journal that several processes share: each writer waits for each write, because there is no one cut
     * through all partitions, and there are no groups.
     */
    public CrashWorkload shared() {
        return new CrashWorkload(seed, durability, writers, true, false, key);
    }

    /** These writes for collections of documents, whose key is {@code _id}. */
    public CrashWorkload ofDocuments() {
        return new CrashWorkload(seed, durability, writers, alone, groups, DOCUMENT_KEY);
    }

    /** Small batches, short waits, small segments that go soon: everything that can be killed happens often. */
    public static Forebay.Builder busy() {
        return Forebay.builder()
                .partitions(4)
                .createTables()
                .flush(FlushPolicy.DEFAULT
                        .withTimeout(Duration.ofSeconds(5)) // also how long a paused owner holds its transaction
                        .withMaxRows(50)
                        .withInterval(Duration.ofMillis(20), Duration.ofMillis(10))
                        .withRetry(Duration.ofMillis(10), Duration.ofMillis(200)))
                .journalPolicy(new JournalPolicy(256 << 10, Duration.ofSeconds(1), 1 << 20, 1 << 30));
    }

    /** Creates its tables {@code crash_row}, {@code crash_audit} and {@code crash_hot}. */
    public void createTables(DataSource dataSource) {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE crash_row (id bigint PRIMARY KEY, hits bigint, peak bigint, last_write bigint, note varchar(40))");
            statement.execute("CREATE TABLE crash_audit (writer bigint, n bigint)");
            statement.execute("CREATE TABLE crash_hot (id bigint PRIMARY KEY, hits bigint)");
            for (int row = 0; row < WriteScript.HOT_ROWS; row++)
                statement.execute("INSERT INTO crash_hot VALUES (" + row + ", 0)");
        } catch (SQLException e) {
            throw new IllegalStateException("could not create the tables of the workload: " + e.getMessage(), e);
        }
    }

    /** Drops the tables that {@link #createTables} made. */
    public void dropTables(DataSource dataSource) {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            for (String table : List.of("crash_row", "crash_audit", "crash_hot"))
                statement.execute("DROP TABLE " + table);
        } catch (SQLException e) {
            throw new IllegalStateException("could not drop the tables of the workload", e);
        }
    }

    /**
     * The child's side: writes until it is told to end, or killed; returns when every write is acknowledged, and
     * throws as soon as one fails.
     */
    public void run(Forebay forebay, CrashChild child, int round) {
        List<CompletableFuture<Void>> running = new ArrayList<>();
        for (int i = 0; i < writers; i++) {
            Writer writer = new Writer(forebay, child, round * WRITERS_PER_ROUND + i);
            running.add(CompletableFuture.runAsync(writer::run, CrashWorkload::start));
        }
        child.ready();
        CompletableFuture<Void> all = CompletableFuture.allOf(running.toArray(CompletableFuture[]::new));
        CompletableFuture<Void> failed = new CompletableFuture<>();
        for (CompletableFuture<Void> writer : running) {
            CompletableFuture<Void> unused = writer.whenComplete((nothing, failure) -> {
                if (failure != null) failed.completeExceptionally(failure);
            });
        }
        CompletableFuture.anyOf(all, failed).join();
    }

    private static void start(Runnable writer) {
        Thread thread = new Thread(writer, "writer");
        thread.setDaemon(true);
        thread.start();
    }

    /** The parent's side, after the last round's end: every row compared with what was read from the pipes. */
    public CrashReport compare(DataSource dataSource, CrashAccount account) {
        return comparison(DatabaseState.read(dataSource), account).atEnd();
    }

    /** The same with what the program's own means found in the database. */
    public CrashReport compare(CrashTables found, CrashAccount account) {
        return comparison(DatabaseState.of(found), account).atEnd();
    }

    /**
     * The parent's side, right after a kill: what was acknowledged as flushed must be in the database before anything is
     * recovered.
     */
    public CrashReport compareFlushed(DataSource dataSource, CrashAccount account) {
        return comparison(DatabaseState.read(dataSource), account).flushedOnly();
    }

    /** The same with what the program's own means found in the database. */
    public CrashReport compareFlushed(CrashTables found, CrashAccount account) {
        return comparison(DatabaseState.of(found), account).flushedOnly();
    }

    private CrashComparison comparison(DatabaseState found, CrashAccount account) {
        return new CrashComparison(seed, durability, groups, !key.equals(DOCUMENT_KEY), found, account);
    }

    /** The round a writer belongs to. */
    static long round(long writer) {
        return writer / WRITERS_PER_ROUND;
    }

    private record Sent(long number, Ack ack) {}

    /** One thread: announces, writes, waits in order, and says what was acknowledged. */
    private final class Writer {
        private final CrashChild child;
        private final long id;
        private final WriteScript script;
        private final Table rows;
        private final Table audit;
        private final Table hot;
        private final Source source;
        private final Deque<Sent> outstanding = new ArrayDeque<>();

        private Writer(Forebay forebay, CrashChild child, long id) {
            this.child = child;
            this.id = id;
            this.script = new WriteScript(seed, id, groups);
            this.rows = forebay.table("crash_row", table -> table.onMissingRow(MissingRow.INSERT));
            this.audit = forebay.table("crash_audit");
            this.hot = forebay.table("crash_hot");
            this.source = forebay.source("writer-" + id);
        }

        private void run() {
            for (int written = 0; written < MIN_WRITES || !child.isToldToEnd(); written++) {
                Write write = script.next();
                child.sending(id, write.number());
                if (alone) settleAlone(write);
                else if (write.kind() == WriteScript.Kind.AUDIT && write.number() % FLUSHED_EVERY == 0)
                    sendFlushed(write);
                else outstanding.add(new Sent(write.number(), send(write)));
                settle(MAX_OUTSTANDING);
                LockSupport.parkNanos(PAUSE_NANOS);
            }
            settle(0);
        }

        private void settleAlone(Write write) {
            try {
                send(write).await(ACK_TIMEOUT);
                child.acknowledged(id, write.number());
            } catch (JournalWriteException e) {
                script.refuseLast();
                child.refused(id, write.number());
                Optional<String> unused = source.position(); // after a refusal it wants to be asked
            }
        }

        /** Nobody waits for it, so that writes go on while the database is down. */
        private void sendFlushed(Write write) {
            long number = write.number();
            CompletableFuture<Void> unused = audit.with(Durability.FLUSHED)
                    .insert(auditRow(number))
                    .toCompletableFuture()
                    .thenRun(() -> child.flushed(id, number));
        }

        private Ack send(Write write) {
            Row row = (write.kind() == WriteScript.Kind.HOT ? hot : rows).row(write.row());
            long number = write.number();
            return switch (write.kind()) {
                case INCREMENT, HOT -> row.increment("hits", write.amount());
                case MAX -> row.max("peak", number);
                case SET -> row.set("last_write", number);
                case UPSERT -> row.upsert(Map.of("last_write", number, "note", write.note()));
                case DELETE -> row.delete();
                case INSERT ->
                    rows.insert(Map.of(
                            key, write.row(), "hits", write.amount(), "last_write", number, "note", write.note()));
                case AUDIT -> audit.insert(auditRow(number));
                case GROUP -> source.write(Long.toString(number), group -> addTo(group, write));
            };
        }

        private void addTo(SourceWrites group, Write write) {
            group.increment(rows.row(write.row()), "hits", write.amount())
                    .increment(rows.row(write.otherRow()), "hits", write.amount())
                    .insert(audit, auditRow(write.number()));
        }

        private Map<String, Object> auditRow(long number) {
            return Map.of("writer", id, "n", number);
        }

        /** Takes acks from the oldest on: those that are complete, and more until at most {@code leave} are left. */
        private void settle(int leave) {
            long acknowledged = 0;
            while (!outstanding.isEmpty() && (outstanding.size() > leave || isDone(outstanding.getFirst()))) {
                Sent oldest = outstanding.removeFirst();
                oldest.ack().await(ACK_TIMEOUT);
                acknowledged = oldest.number();
            }
            if (acknowledged > 0) child.acknowledged(id, acknowledged);
        }

        private static boolean isDone(Sent sent) {
            return sent.ack().toCompletableFuture().isDone();
        }
    }
}
