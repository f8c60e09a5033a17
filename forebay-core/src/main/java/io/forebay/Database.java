package io.forebay;

import io.forebay.internal.lifecycle.Engine;
import io.forebay.internal.mutation.Schema;
import io.forebay.internal.mutation.TableSchema;
import io.forebay.spi.Column;
import io.forebay.spi.ColumnType;
import io.forebay.spi.TableDefinition;
import io.forebay.spi.TableInfo;
import io.forebay.spi.TransientSinkException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One of the databases of a {@link Forebay}, with its own journal, partitions and threads. Thread-safe. */
public final class Database {
    private static final Duration ASKED_FOR = Duration.ofSeconds(1);
    private static final Duration ASKED_EVERY = Duration.ofMillis(20);

    private final String name;
    private final Engine engine;

    Database(String name, Engine engine) {
        this.name = name;
        this.engine = engine;
    }

    /** Its name within the {@link Forebay}. */
    public String name() {
        return name;
    }

    /** As {@link #table(String, Consumer)}, with the defaults. */
    public Table table(String table) {
        return table(table, options -> {});
    }

    /**
     * A table to write to. Its columns and key are read from the database once per call, or, while that cannot be reached,
     * taken from the journal if the table was used before. Where both fail the database is asked again for up to a second:
     * a pool may hold connections that are dead already.
     *
     * @param table its name, with a schema if it needs one: {@code shop.orders}; upper and lower case may differ from the
     *     database's where that is unambiguous
     * @throws IllegalArgumentException if there is no such table, or an option does not fit it; the message says what would
     * @throws IllegalStateException if the options route rows differently while rows are pending
     * @throws TransientSinkException if the database cannot be reached and the journal does not know the table
     */
    public Table table(String table, Consumer<TableOptions> options) {
        TableOptions chosen = new TableOptions();
        options.accept(chosen);
        TableDefinition definition = define(describe(table), chosen);
        engine.declare(definition);
        return new Table(engine, Schema.of(definition), engine.durability());
    }

    private TableInfo describe(String table) {
        long start = System.nanoTime();
        while (true) {
            try {
                return engine.sink().describe(table);
            } catch (TransientSinkException e) {
                TableDefinition known = engine.known(table);
                if (known != null) return known.info();
                boolean isOver = System.nanoTime() - start > ASKED_FOR.toNanos();
                if (isOver || Thread.currentThread().isInterrupted()) throw e;
                LockSupport.parkNanos(ASKED_EVERY.toNanos());
            }
        }
    }

    private static TableDefinition define(TableInfo info, TableOptions options) {
        TableDefinition plain =
                new TableDefinition(info, options.missingRow(), options.group(), null, options.isSpread());
        TableSchema schema = new TableSchema(plain);
        TableInfo ordered = withKey(info, options.key(), schema);
        for (String column : ordered.key()) {
            String problem = schema.column(column).type().keyProblem();
            if (!problem.isEmpty())
                throw new IllegalArgumentException("table %s cannot be addressed by its key column %s: %s"
                        .formatted(info.name(), column, problem));
        }
        return new TableDefinition(
                ordered, options.missingRow(), options.group(), routing(options, schema), options.isSpread());
    }

    private static @Nullable String routing(TableOptions options, TableSchema schema) {
        if (options.routedBy() == null) return null;
        Column column = schema.column(options.routedBy());
        if (column.type() instanceof ColumnType.Document)
            throw new IllegalArgumentException("collection %s can be routed by its key only"
                    .formatted(schema.definition().info().name()));
        return column.name();
    }

    private static TableInfo withKey(TableInfo info, List<String> asked, TableSchema schema) {
        if (asked.isEmpty()) return info;
        List<String> key =
                asked.stream().map(column -> schema.column(column).name()).toList();
        if (!new HashSet<>(key).equals(new HashSet<>(info.key()))
                || key.size() != info.key().size())
            throw new IllegalArgumentException(
                    "table %s: key %s is not its primary key, which is %s".formatted(info.name(), asked, info.key()));
        return new TableInfo(info.name(), key, info.columns(), info.references());
    }

    /** What writes carry the position of, see {@link Source}; the name is the caller's. */
    public Source source(String source) {
        if (source.isEmpty()) throw new IllegalArgumentException("a source needs a name");
        return new Source(engine, source);
    }

    /** Starts a flush; completes when the database holds everything pending now. */
    public CompletableFuture<Void> flush() {
        return engine.flush();
    }

    /**
     * As {@link #flush}, and waits, however long the database takes.
     *
     * @throws HaltedException if a partition has stopped
     */
    public void flushAndWait() {
        engine.flushAndWait();
    }

    /** Lets partitions that stopped for a fault of schema or identity try again; call it when the fault is mended. */
    public void resume() {
        engine.resume();
    }

    /** Its state at this moment. */
    public Stats stats() {
        return engine.stats();
    }

    long close(Duration timeout) {
        return engine.close(timeout);
    }
}
