package io.forebay;

import io.forebay.internal.lifecycle.Engine;
import io.forebay.internal.lifecycle.Write;
import io.forebay.internal.mutation.DocumentSchema;
import io.forebay.internal.mutation.Mutation;
import io.forebay.internal.mutation.Schema;
import io.forebay.spi.PendingAppend;
import io.forebay.spi.RowKey;
import io.forebay.spi.TableDefinition;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One table, or one collection of documents, of one database. Immutable, thread-safe. */
public final class Table {
    private final Engine engine;
    private final Schema schema;
    private final Durability durability;

    Table(Engine engine, Schema schema, Durability durability) {
        this.engine = engine;
        this.schema = schema;
        this.durability = durability;
    }

    /** The table's name. */
    public String name() {
        return schema.definition().info().name();
    }

    /** This table, with acks that wait for {@code level} instead of the default. */
    public Table with(Durability level) {
        return new Table(engine, schema, level);
    }

    /**
     * A row by its key; composite keys take their values in the order of the key columns.
     *
     * @throws IllegalArgumentException if the number of values or one of them does not fit the key
     */
    public Row row(Object... key) {
        RowKey rowKey = schema.key(List.of(key));
        return new Row(engine, schema, rowKey, schema.routingIn(rowKey), durability);
    }

    /**
     * Inserts a row. With a key among the values, a row that is pending as an insert already is refused here, one that the
     * database has is refused at the flush and kept in the dead letters. Without one, which takes a table without primary
     * key or a key the database makes, rows stay in the order they were written. A document without {@code _id} gets a new one.
     *
     * @throws DuplicateRowException if the row is pending as an insert
     * @throws IllegalArgumentException if a column is unknown, a value does not fit, or the key is there in part
     * @throws BufferFullException if there is no room in time
     */
    public Ack insert(Map<String, ? extends @Nullable Object> values) {
        return engine.write(prepared(values), durability);
    }

    Write prepared(Map<String, ? extends @Nullable Object> values) {
        TableDefinition definition = schema.definition();
        RowKey key = schema.keyIn(values);
        if (key == null) {
            Object routing = schema.routingIn(values);
            PendingAppend append = new PendingAppend(name(), schema.append(values));
            return new Write.Appended(engine.router().appendPartition(definition, routing), append);
        }
        Object routing = schema.routingIn(key);
        if (routing == null) routing = schema.routingIn(values);
        int partition = engine.router().partition(definition, key, routing);
        return new Write.ToRow(partition, new Mutation(definition, key, schema.insert(values)));
    }

    /**
     * This collection in the database's own language, for adapters.
     *
     * @throws IllegalStateException if this is a table with columns
     */
    public Documents documents() {
        if (schema instanceof DocumentSchema collection) return new Documents(engine, collection, durability);
        throw new IllegalStateException(name() + " is a table with columns, not a collection of documents");
    }

    /** Starts a flush; completes when the database holds everything pending now, of other tables too: order is kept. */
    public CompletableFuture<Void> flush() {
        return engine.flush();
    }

    /** As {@link #flush}, and waits. */
    public void flushAndWait() {
        engine.flushAndWait();
    }

    Schema schema() {
        return schema;
    }

    @Override
    public String toString() {
        return name();
    }
}
