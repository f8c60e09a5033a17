package io.forebay;

import io.forebay.internal.lifecycle.Write;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The writes that one step of a {@link Source} makes. Valid within the call it is handed to. Not thread-safe. */
public final class SourceWrites {
    private final List<Write> writes;

    SourceWrites(List<Write> writes) {
        this.writes = writes;
    }

    /** As {@link Row#increment(String, long)}. */
    public SourceWrites increment(Row row, String column, long delta) {
        writes.add(row.prepared(column, delta));
        return this;
    }

    /** As {@link Row#max}. */
    public SourceWrites max(Row row, String column, Object value) {
        writes.add(row.prepared(row.schema().max(column, value)));
        return this;
    }

    /** As {@link Row#min}. */
    public SourceWrites min(Row row, String column, Object value) {
        writes.add(row.prepared(row.schema().min(column, value)));
        return this;
    }

    /** As {@link Row#update}. */
    public SourceWrites update(Row row, Map<String, ? extends @Nullable Object> values) {
        writes.add(row.prepared(row.schema().set(values)));
        return this;
    }

    /** As {@link Row#upsert}. */
    public SourceWrites upsert(Row row, Map<String, ? extends @Nullable Object> values) {
        writes.add(row.prepared(row.schema().upsert(values)));
        return this;
    }

    /** As {@link Row#delete}. */
    public SourceWrites delete(Row row) {
        writes.add(row.prepared(row.schema().delete()));
        return this;
    }

    /** As {@link Table#insert}. */
    public SourceWrites insert(Table table, Map<String, ? extends @Nullable Object> values) {
        writes.add(table.prepared(values));
        return this;
    }
}
