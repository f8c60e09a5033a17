package io.forebay;

import io.forebay.internal.lifecycle.Engine;
import io.forebay.internal.lifecycle.Write;
import io.forebay.internal.mutation.Mutation;
import io.forebay.internal.mutation.TableSchema;
import io.forebay.spi.PendingAppend;
import io.forebay.spi.RowKey;
import io.forebay.spi.TableDefinition;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One table of one database. Immutable, thread-safe. */
public final class Table {
    private final Engine engine;
    private final TableSchema schema;
    private final Durability durability;

    Table(Engine engine, TableSchema schema, Durability durability) {
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
        return new Row(engine, schema, rowKey, routingIn(rowKey), durability);
    }

    private @Nullable Object routingIn(RowKey key) {
        TableDefinition definition = schema.definition();
        int at = definition.routedBy() == null ? -1 : definition.info().key().indexOf(definition.routedBy());
        return at < 0 ? null : key.values().get(at);
    }

    /**
     * Inserts a row. With a key among the values, a row that is pending as an insert already is refused here, one that the
     * database has is refused at the flush and kept in the dead letters. Without one, which takes a table without primary
     * key or a key the database makes, rows stay in the order they were written.
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
        Object routing = routingIn(values);
        if (key == null) {
            PendingAppend append = new PendingAppend(name(), schema.append(values));
            return new Write.Appended(engine.router().appendPartition(definition, routing), append);
        }
        int partition = engine.router().partition(definition, key, routing);
        return new Write.ToRow(partition, new Mutation(definition, key, schema.insert(values)));
    }

    private @Nullable Object routingIn(Map<String, ? extends @Nullable Object> values) {
        String routedBy = schema.definition().routedBy();
        if (routedBy == null) return null;
        for (Map.Entry<String, ? extends @Nullable Object> entry : values.entrySet())
            if (schema.column(entry.getKey()).name().equals(routedBy)) return schema.routing(entry.getValue());
        throw new IllegalArgumentException("insert into %s needs its routing column %s".formatted(name(), routedBy));
    }

    /** Starts a flush; completes when the database holds everything pending now, of other tables too: order is kept. */
    public CompletableFuture<Void> flush() {
        return engine.flush();
    }

    /** As {@link #flush}, and waits. */
    public void flushAndWait() {
        engine.flushAndWait();
    }

    TableSchema schema() {
        return schema;
    }

    @Override
    public String toString() {
        return name();
    }
}
