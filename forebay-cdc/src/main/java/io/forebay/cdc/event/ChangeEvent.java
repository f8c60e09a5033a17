package io.forebay.cdc.event;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One change of one row, or of all rows of a table, whatever shape it was told in. Rows are shared and must not be changed.
 *
 * @param key null if the record has none: the table has no primary key, or all its rows are gone
 * @param oldKey the key the row had before, if the key itself was changed and the record says so
 * @param before the row as it was, or what of it is known; null if nothing is
 * @param after the row as it is; null if it is gone, or not known
 * @param partial whether {@code after} may lack columns of the row
 * @param transaction the transaction's name in its database: PostgreSQL's transaction id, MySQL's GTID, MongoDB's session and
 *     number; null if the record does not say
 * @param fence grows with every change of one row, if the source has such a number
 * @param committed when the database committed it, null if the record does not say
 * @param captured when Debezium saw it, null if the record does not say
 * @param connector {@code postgresql}, {@code mysql}, {@code mariadb}, {@code mongodb} or another; empty if the record does not say
 */
public record ChangeEvent(
        Op op,
        SourceTable table,
        @Nullable CanonicalKey key,
        @Nullable CanonicalKey oldKey,
        @Nullable ObjectNode before,
        @Nullable ObjectNode after,
        boolean partial,
        Shape shape,
        Phase phase,
        @Nullable String transaction,
        OptionalLong fence,
        @Nullable Instant committed,
        @Nullable Instant captured,
        String connector,
        ChangeRecord record) {
    public ChangeEvent {
        Objects.requireNonNull(op, "op");
        Objects.requireNonNull(table, "table");
        Objects.requireNonNull(shape, "shape");
        Objects.requireNonNull(phase, "phase");
        Objects.requireNonNull(fence, "fence");
        Objects.requireNonNull(connector, "connector");
        Objects.requireNonNull(record, "record");
    }

    /** The row as it is now, if the record has all of it: nothing left out, nothing that the database did not send. */
    public Optional<ObjectNode> completeAfter() {
        if (after == null || partial || Values.hasUnavailable(after)) return Optional.empty();
        return Optional.of(after);
    }

    /** What happened to which table and where it was told: no values. */
    @Override
    public String toString() {
        return op + " " + table + " " + key + " at " + record.place();
    }
}
