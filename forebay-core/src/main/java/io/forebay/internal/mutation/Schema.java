package io.forebay.internal.mutation;

import io.forebay.spi.RowKey;
import io.forebay.spi.Stage;
import io.forebay.spi.TableDefinition;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What callers say about a table or a collection, turned into stages and keys; what does not fit is refused with an
 * {@link IllegalArgumentException} that names it. Thread-safe.
 */
public sealed interface Schema permits TableSchema, DocumentSchema {
    /** That of a table or of a collection, as the definition says. */
    static Schema of(TableDefinition definition) {
        return definition.info().isCollection() ? new DocumentSchema(definition) : new TableSchema(definition);
    }

    TableDefinition definition();

    /** The canonical key of a row. */
    RowKey key(List<?> values);

    /** The key of a row that is inserted with these values, or null if the database makes it. */
    @Nullable
    RowKey keyIn(Map<String, ? extends @Nullable Object> values);

    /** The canonical value of the routing column. */
    Object routing(@Nullable Object value);

    /** The canonical value of the routing column of a row that is inserted; null if the table is not routed by one. */
    @Nullable
    Object routingIn(Map<String, ? extends @Nullable Object> values);

    /** The canonical value of the routing column of a row by its key; null if it is not in there. */
    default @Nullable Object routingIn(RowKey key) {
        String routedBy = definition().routedBy();
        int at = routedBy == null ? -1 : definition().info().key().indexOf(routedBy);
        return at < 0 ? null : key.values().get(at);
    }

    Stage increment(String name, Number delta);

    /** The increment of a whole-number column; null if the column is of another kind, or {@code delta} is too large for it. */
    @Nullable
    Increment increment(RowKey key, String name, long delta);

    Stage max(String name, Object value);

    Stage min(String name, Object value);

    Stage set(Map<String, ? extends @Nullable Object> values);

    Stage upsert(Map<String, ? extends @Nullable Object> values);

    Stage delete();

    /** The insert of a row whose values include the key, or whose key was made. */
    Stage insert(Map<String, ? extends @Nullable Object> values);

    /** The values of a row without a key. */
    Map<String, @Nullable Object> append(Map<String, ? extends @Nullable Object> values);

    /** What a caller is shown of a row. */
    Map<String, @Nullable Object> shown(RowKey key, Map<String, @Nullable Object> columns);

    /** One value of what is {@link #shown}; null for NULL, and where the row does not have it. */
    @Nullable
    Object value(Map<String, @Nullable Object> shown, String name);
}
