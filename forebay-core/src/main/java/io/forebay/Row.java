package io.forebay;

import io.forebay.internal.lifecycle.Engine;
import io.forebay.internal.lifecycle.Write;
import io.forebay.internal.mutation.Increment;
import io.forebay.internal.mutation.Mutation;
import io.forebay.internal.mutation.Schema;
import io.forebay.spi.RowKey;
import io.forebay.spi.Stage;
import io.forebay.spi.TableDefinition;
import java.math.BigDecimal;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One row, whether it exists or not: writes go to the buffer and return at once, reads are exact. Immutable, thread-safe,
 * cheap to make.
 *
 * <p>Every write throws {@link IllegalArgumentException} if the table has no such column or the value does not fit it,
 * {@link BufferFullException} if there is no room in time, {@link HaltedException} if a newer owner has taken the row's
 * partition, and {@link ForebayClosedException} after the close. A rollback of the caller's own transaction does not undo
 * it.
 */
public final class Row {
    private static final int NOT_ROUTED = -1;

    private final Engine engine;
    private final Schema schema;
    private final RowKey key;
    private final @Nullable Object routing;
    private final Durability durability;
    private final int partition;

    Row(Engine engine, Schema schema, RowKey key, @Nullable Object routing, Durability durability) {
        this.engine = engine;
        this.schema = schema;
        this.key = key;
        this.routing = routing;
        this.durability = durability;
        TableDefinition definition = schema.definition();
        boolean routed = definition.routedBy() == null || routing != null;
        this.partition = routed ? engine.router().partition(definition, key, routing) : NOT_ROUTED;
    }

    /**
     * This row, in the partition of {@code value} of its table's routing column.
     *
     * @throws IllegalArgumentException if the table is not routed by a column, or the value does not fit it
     */
    public Row routedBy(Object value) {
        if (schema.definition().routedBy() == null)
            throw new IllegalArgumentException("table " + key.table() + " is not routed by a column");
        return new Row(engine, schema, key, schema.routing(value), durability);
    }

    /** This row, with acks that wait for {@code level} instead of the default. */
    public Row with(Durability level) {
        return new Row(engine, schema, key, routing, level);
    }

    /** Adds one to a number; NULL counts as zero. */
    public Ack increment(String column) {
        return increment(column, 1);
    }

    /** Adds {@code delta}, which may be negative, to a number; NULL counts as zero. */
    public Ack increment(String column, long delta) {
        return engine.write(prepared(column, delta), durability);
    }

    /** Adds {@code delta}, exactly, to a decimal number; NULL counts as zero. */
    public Ack increment(String column, BigDecimal delta) {
        return write(schema.increment(column, delta));
    }

    /** Adds {@code delta} to a floating-point number; NULL counts as zero. Sums depend on their grouping. */
    public Ack increment(String column, double delta) {
        return write(schema.increment(column, delta));
    }

    /**
     * Adds {@code delta} and reads the total, which may include increments that came after this one.
     *
     * @throws StaleReadException as {@link #read}
     */
    public long incrementAndGet(String column, long delta) {
        increment(column, delta);
        return getLong(column);
    }

    /** As {@link #incrementAndGet(String, long)}, for decimals. */
    public BigDecimal incrementAndGet(String column, BigDecimal delta) {
        increment(column, delta);
        return getDecimal(column);
    }

    /** Raises a number, date or time to {@code value} if it is smaller, or NULL. */
    public Ack max(String column, Object value) {
        return write(schema.max(column, value));
    }

    /** Lowers a number, date or time to {@code value} if it is larger, or NULL. */
    public Ack min(String column, Object value) {
        return write(schema.min(column, value));
    }

    /** Sets one column; null is NULL. */
    public Ack set(String column, @Nullable Object value) {
        return write(schema.set(Collections.singletonMap(column, value)));
    }

    /** Sets several columns at once. */
    public Ack update(Map<String, ? extends @Nullable Object> values) {
        return write(schema.set(values));
    }

    /** Sets columns of the row if it exists, inserts it with them if it does not. */
    public Ack upsert(Map<String, ? extends @Nullable Object> values) {
        return write(schema.upsert(values));
    }

    /** Deletes the row; one that does not exist is no error. */
    public Ack delete() {
        return write(schema.delete());
    }

    private Ack write(Stage stage) {
        return engine.write(prepared(stage), durability);
    }

    Write prepared(String column, long delta) {
        Increment increment = schema.increment(key, column, delta);
        if (increment == null) return prepared(schema.increment(column, delta));
        return new Write.Counted(partition(), increment);
    }

    Write prepared(Stage stage) {
        return new Write.ToRow(partition(), new Mutation(schema.definition(), key, stage));
    }

    private int partition() {
        if (partition == NOT_ROUTED)
            throw new IllegalArgumentException(
                    "table %s is routed by %s, which is not in its key: call routedBy(…) on the row"
                            .formatted(key.table(), schema.definition().routedBy()));
        return partition;
    }

    /**
     * Reads the row as it will be once everything pending is flushed: exact at every instant. May show writes that are not
     * acknowledged yet. A pending insert shows NULL for columns whose default only the database knows; if the result
     * depends on one, the row is flushed first.
     *
     * @return empty if the row does not exist
     * @throws StaleReadException if the database keeps showing less than what was flushed to it
     * @throws io.forebay.spi.TransientSinkException if the database cannot be reached
     */
    public Optional<RowView> read() {
        return engine.read(schema.definition(), key, partition())
                .map(columns -> new RowView(schema, schema.shown(key, columns)));
    }

    /** One column, as {@link #read}; empty if it is NULL or the row does not exist. */
    public <T> Optional<T> get(String column, Class<T> type) {
        return read().flatMap(row -> row.get(column, type));
    }

    /** One whole-number column, as {@link #read}; 0 if it is NULL or the row does not exist. */
    public long getLong(String column) {
        return read().map(row -> row.getLong(column)).orElse(0L);
    }

    /** One numeric column, exactly, as {@link #read}; 0 if it is NULL or the row does not exist. */
    public BigDecimal getDecimal(String column) {
        return read().map(row -> row.getDecimal(column)).orElse(BigDecimal.ZERO);
    }

    /** One text column, as {@link #read}; empty if it is NULL or the row does not exist. */
    public Optional<String> getString(String column) {
        return read().flatMap(row -> row.getString(column));
    }

    Schema schema() {
        return schema;
    }

    @Override
    public String toString() {
        return key.toString();
    }
}
