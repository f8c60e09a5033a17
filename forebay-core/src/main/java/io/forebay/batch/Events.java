package io.forebay.batch;

import io.forebay.MissingRow;
import io.forebay.internal.mutation.Columns;
import io.forebay.spi.Bytes;
import io.forebay.spi.Column;
import io.forebay.spi.ColumnType;
import io.forebay.spi.PendingAppend;
import io.forebay.spi.TableDefinition;
import io.forebay.spi.TableInfo;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Events in the engine's form: rows without a key, of one column, which holds bytes for a journal or the event itself. */
final class Events<T> {
    private static final String EVENT = "event";

    private final String buffer;
    private final @Nullable EventCodec<T> codec;

    Events(String buffer, @Nullable EventCodec<T> codec) {
        this.buffer = buffer;
        this.codec = codec;
    }

    TableDefinition table() {
        Column column = new Column(EVENT, new ColumnType.Binary(0), false, Column.Absent.NULL);
        TableInfo info = new TableInfo(buffer, List.of(), Map.of(EVENT, column), List.of());
        return new TableDefinition(info, MissingRow.DEAD_LETTER, null, null, true);
    }

    PendingAppend append(T event) {
        Objects.requireNonNull(event, "event");
        return new PendingAppend(buffer, Columns.of(EVENT, codec == null ? event : Bytes.copyOf(codec.write(event))));
    }

    @SuppressWarnings("unchecked") // without a codec it is what append() was given
    T event(PendingAppend append) {
        Object value = Objects.requireNonNull(append.columns().get(EVENT));
        return codec == null ? (T) value : codec.read(((Bytes) value).toArray());
    }
}
