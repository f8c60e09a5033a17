package io.forebay.internal.mutation;

import io.forebay.MissingRow;
import io.forebay.spi.Bytes;
import io.forebay.spi.Column;
import io.forebay.spi.ColumnChange;
import io.forebay.spi.ColumnChange.Operations;
import io.forebay.spi.ColumnChange.Set;
import io.forebay.spi.ColumnType;
import io.forebay.spi.DocumentAlgebra;
import io.forebay.spi.RowKey;
import io.forebay.spi.Stage;
import io.forebay.spi.TableDefinition;
import io.forebay.spi.TableInfo;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The schema of a collection: whatever a caller names is a field of the one column that holds the document. */
public final class DocumentSchema implements Schema {
    private final TableDefinition definition;
    private final Column key;
    private final DocumentAlgebra algebra;
    private final Stage.Kind changeKind;

    public DocumentSchema(TableDefinition definition) {
        this.definition = definition;
        Map<String, Column> columns = definition.info().columns();
        this.key = Objects.requireNonNull(columns.get(TableInfo.DOCUMENT_KEY));
        Column document = Objects.requireNonNull(columns.get(TableInfo.DOCUMENT));
        this.algebra = ((ColumnType.Document) document.type()).algebra();
        this.changeKind = definition.missingRow() == MissingRow.INSERT ? Stage.Kind.UPSERT : Stage.Kind.UPDATE;
    }

    @Override
    public TableDefinition definition() {
        return definition;
    }

    @Override
    public RowKey key(List<?> values) {
        if (values.size() != 1)
            throw new IllegalArgumentException("the key of collection %s is %s, %d values were given"
                    .formatted(name(), TableInfo.DOCUMENT_KEY, values.size()));
        return RowKey.of(name(), List.of(keyValue(values.get(0))));
    }

    private Object keyValue(@Nullable Object value) {
        if (value == null) throw problem(TableInfo.DOCUMENT_KEY, "a key cannot be null", null);
        return checked(TableInfo.DOCUMENT_KEY, () -> key.type().normalise(value));
    }

    /** Where the caller gives no key, one is made. */
    @Override
    public RowKey keyIn(Map<String, ? extends @Nullable Object> values) {
        if (!values.containsKey(TableInfo.DOCUMENT_KEY)) return RowKey.of(name(), List.of(algebra.newKey()));
        return RowKey.of(name(), List.of(keyValue(values.get(TableInfo.DOCUMENT_KEY))));
    }

    @Override
    public Object routing(@Nullable Object value) {
        return keyValue(value);
    }

    /** A collection is routed by its key at most, and that is found in the {@link #routingIn(RowKey) row key}. */
    @Override
    public @Nullable Object routingIn(Map<String, ? extends @Nullable Object> values) {
        return null;
    }

    @Override
    public Stage increment(String name, Number delta) {
        return change(checked(name, () -> algebra.increment(name, delta)));
    }

    /** None: an increment of a field is an operation like any other. */
    @Override
    public @Nullable Increment increment(RowKey key, String name, long delta) {
        return null;
    }

    @Override
    public Stage max(String name, Object value) {
        return change(checked(name, () -> algebra.max(name, value)));
    }

    @Override
    public Stage min(String name, Object value) {
        return change(checked(name, () -> algebra.min(name, value)));
    }

    @Override
    public Stage set(Map<String, ? extends @Nullable Object> values) {
        return change(settingOperations(values));
    }

    @Override
    public Stage upsert(Map<String, ? extends @Nullable Object> values) {
        return stage(Stage.Kind.UPSERT, new Operations(settingOperations(values)));
    }

    private Bytes settingOperations(Map<String, ? extends @Nullable Object> values) {
        if (values.isEmpty()) throw new IllegalArgumentException("collection " + name() + ": no fields were given");
        if (values.containsKey(TableInfo.DOCUMENT_KEY))
            throw problem(TableInfo.DOCUMENT_KEY, "a key cannot be changed", null);
        return checked(values.keySet(), () -> algebra.set(values));
    }

    @Override
    public Stage delete() {
        return new Stage(Stage.Kind.DELETE, Columns.empty());
    }

    @Override
    public Stage insert(Map<String, ? extends @Nullable Object> values) {
        return inserted(checked(values.keySet(), () -> algebra.document(values)));
    }

    /** Never asked for: every document has a key. */
    @Override
    public Map<String, @Nullable Object> append(Map<String, ? extends @Nullable Object> values) {
        throw new IllegalStateException("a document of collection " + name() + " without a key");
    }

    /** The insert of a whole document. */
    public Stage inserted(Bytes document) {
        return stage(Stage.Kind.INSERT, new Set(document));
    }

    /** The change of a document to another one. */
    public Stage replaced(Bytes document, boolean upsert) {
        return stage(upsert ? Stage.Kind.UPSERT : changeKind, new Set(document));
    }

    /** The change of a document by operations. */
    public Stage updated(Bytes operations, boolean upsert) {
        return stage(upsert ? Stage.Kind.UPSERT : changeKind, new Operations(operations));
    }

    private Stage change(Bytes operations) {
        return stage(changeKind, new Operations(operations));
    }

    private static Stage stage(Stage.Kind kind, ColumnChange change) {
        return new Stage(kind, Columns.of(TableInfo.DOCUMENT, change));
    }

    /** The document among the columns of its row. */
    public Bytes document(Map<String, @Nullable Object> columns) {
        return (Bytes) Objects.requireNonNull(columns.get(TableInfo.DOCUMENT));
    }

    @Override
    public Map<String, @Nullable Object> shown(RowKey row, Map<String, @Nullable Object> columns) {
        return algebra.fields((Bytes) row.values().get(0), document(columns));
    }

    /** A field by its name; where there is none of that name, {@code a.b} is the field {@code b} of the document {@code a}. */
    @Override
    public @Nullable Object value(Map<String, @Nullable Object> shown, String name) {
        if (shown.containsKey(name)) return shown.get(name);
        Object value = shown;
        for (String step : name.split("\\.", -1)) value = value instanceof Map<?, ?> fields ? fields.get(step) : null;
        return value;
    }

    private String name() {
        return definition.info().name();
    }

    private <T> T checked(Object what, Supplier<T> work) {
        try {
            return work.get();
        } catch (IllegalArgumentException e) {
            throw problem(what, e.getMessage(), e);
        }
    }

    private IllegalArgumentException problem(Object what, @Nullable String why, @Nullable Throwable cause) {
        return new IllegalArgumentException("%s.%s: %s".formatted(name(), what, why), cause);
    }
}
