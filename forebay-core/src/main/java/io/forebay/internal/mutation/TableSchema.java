package io.forebay.internal.mutation;

import io.forebay.MissingRow;
import io.forebay.spi.Column;
import io.forebay.spi.ColumnChange;
import io.forebay.spi.ColumnType;
import io.forebay.spi.RowKey;
import io.forebay.spi.Stage;
import io.forebay.spi.TableDefinition;
import io.forebay.spi.TableInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The schema of a table with columns: names are resolved, values normalised to their column. */
public final class TableSchema implements Schema {
    private static final ColumnType ANY_WHOLE = new ColumnType.Whole(Long.MIN_VALUE, Long.MAX_VALUE);

    private final TableDefinition definition;
    private final TableInfo info;
    private final Stage.Kind changeKind;
    private final Map<String, Column> spellings = new ConcurrentHashMap<>();

    public TableSchema(TableDefinition definition) {
        this.definition = definition;
        this.info = definition.info();
        this.changeKind = definition.missingRow() == MissingRow.INSERT ? Stage.Kind.UPSERT : Stage.Kind.UPDATE;
        Set<String> ambiguous = new HashSet<>();
        for (Column column : info.columns().values())
            if (spellings.put(fold(column.name()), column) != null) ambiguous.add(fold(column.name()));
        spellings.keySet().removeAll(ambiguous);
        spellings.putAll(info.columns());
    }

    private static String fold(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    @Override
    public TableDefinition definition() {
        return definition;
    }

    /**
     * The column of that name; another spelling of upper and lower case will do where it is unambiguous.
     *
     * @throws IllegalArgumentException if there is none
     */
    public Column column(String name) {
        Column column = spellings.get(name);
        if (column != null) return column;
        column = spellings.get(fold(name));
        if (column == null)
            throw new IllegalArgumentException("table %s has no column %s; it has %s"
                    .formatted(info.name(), name, info.columns().keySet()));
        spellings.put(name, column);
        return column;
    }

    @Override
    public RowKey key(List<?> values) {
        List<String> names = info.key();
        if (names.isEmpty())
            throw new IllegalArgumentException(
                    "table %s has no primary key: rows can be inserted, not addressed".formatted(info.name()));
        if (values.size() != names.size())
            throw new IllegalArgumentException(
                    "the key of table %s is %s, %d values were given".formatted(info.name(), names, values.size()));
        List<Object> canonical = new ArrayList<>(names.size());
        for (int i = 0; i < names.size(); i++) canonical.add(keyValue(column(names.get(i)), values.get(i)));
        return RowKey.of(info.name(), canonical);
    }

    private Object keyValue(Column column, @Nullable Object value) {
        if (value == null) throw problem(column, "a key cannot be null", null);
        return Objects.requireNonNull(normalise(column, value));
    }

    @Override
    public Object routing(@Nullable Object value) {
        String name = Objects.requireNonNull(definition.routedBy(), "not routed by a column");
        return keyValue(column(name), value);
    }

    @Override
    public @Nullable Object routingIn(Map<String, ? extends @Nullable Object> values) {
        String routedBy = definition.routedBy();
        if (routedBy == null) return null;
        for (Map.Entry<String, ? extends @Nullable Object> entry : values.entrySet())
            if (column(entry.getKey()).name().equals(routedBy)) return routing(entry.getValue());
        throw new IllegalArgumentException(
                "insert into %s needs its routing column %s".formatted(info.name(), routedBy));
    }

    @Override
    public Stage increment(String name, Number delta) {
        Column column = counting(name);
        return change(column, new ColumnChange.Add(delta(column, delta)));
    }

    private Column counting(String name) {
        Column column = changeable(name);
        if (!column.type().counts()) throw problem(column, "it cannot be incremented, it is not a number", null);
        return column;
    }

    @Override
    public @Nullable Increment increment(RowKey key, String name, long delta) {
        Column column = counting(name);
        if (!(column.type() instanceof ColumnType.Whole whole)) return null;
        long distance = whole.max() - whole.min();
        if (distance >= 0 && (delta > distance || delta < -distance)) return null;
        return new Increment(definition, key, changeKind, column.name(), delta);
    }

    /** A delta may be as large as the distance between any two values of the column. */
    private Number delta(Column column, Number delta) {
        if (!(column.type() instanceof ColumnType.Whole whole))
            return (Number) Objects.requireNonNull(normalise(column, delta));
        long distance = whole.max() - whole.min();
        ColumnType type = distance < 0 ? ANY_WHOLE : new ColumnType.Whole(-distance, distance);
        return (Number) Objects.requireNonNull(
                normalise(new Column(column.name(), type, column.nullable(), column.absent()), delta));
    }

    @Override
    public Stage max(String name, Object value) {
        Column column = ordered(name, "max");
        return change(column, new ColumnChange.Max(Objects.requireNonNull(normalise(column, value))));
    }

    @Override
    public Stage min(String name, Object value) {
        Column column = ordered(name, "min");
        return change(column, new ColumnChange.Min(Objects.requireNonNull(normalise(column, value))));
    }

    private Column ordered(String name, String operation) {
        Column column = changeable(name);
        if (!column.type().ordered())
            throw problem(column, operation + " works on numbers, dates and times only", null);
        return column;
    }

    private Stage change(Column column, ColumnChange change) {
        return new Stage(changeKind, Columns.of(column.name(), change));
    }

    @Override
    public Stage set(Map<String, ? extends @Nullable Object> values) {
        return new Stage(changeKind, sets(values, Set.of()));
    }

    @Override
    public Stage upsert(Map<String, ? extends @Nullable Object> values) {
        return new Stage(Stage.Kind.UPSERT, sets(values, Set.of()));
    }

    @Override
    public Stage delete() {
        return new Stage(Stage.Kind.DELETE, Columns.empty());
    }

    @Override
    public Stage insert(Map<String, ? extends @Nullable Object> values) {
        return new Stage(Stage.Kind.INSERT, sets(values, Set.copyOf(info.key())));
    }

    @Override
    public Map<String, @Nullable Object> append(Map<String, ? extends @Nullable Object> values) {
        Map<String, @Nullable Object> result = new TreeMap<>();
        values.forEach((name, value) -> {
            Column column = column(name);
            result.put(column.name(), normalise(column, value));
        });
        if (result.isEmpty()) throw new IllegalArgumentException("table " + info.name() + ": no columns were given");
        return Columns.<@Nullable Object>copyOf(result);
    }

    /** {@inheritDoc} It is refused if it is there in part, or missing although nothing makes it. */
    @Override
    public @Nullable RowKey keyIn(Map<String, ? extends @Nullable Object> values) {
        Map<String, @Nullable Object> given = new HashMap<>();
        values.forEach((name, value) -> given.put(column(name).name(), value));
        List<@Nullable Object> key = new ArrayList<>();
        for (String name : info.key()) if (given.containsKey(name)) key.add(given.get(name));
        if (!key.isEmpty() && key.size() == info.key().size()) return key(key);

        for (String name : info.key())
            if (!given.containsKey(name) && column(name).absent() != Column.Absent.DATABASE)
                throw new IllegalArgumentException(
                        "insert into %s needs its key %s".formatted(info.name(), info.key()));
        return null;
    }

    @Override
    public Map<String, @Nullable Object> shown(RowKey key, Map<String, @Nullable Object> columns) {
        return columns;
    }

    @Override
    public @Nullable Object value(Map<String, @Nullable Object> shown, String name) {
        return shown.get(column(name).name());
    }

    private Columns<ColumnChange> sets(Map<String, ? extends @Nullable Object> values, Set<String> allowedKey) {
        Map<String, ColumnChange> changes = new TreeMap<>();
        values.forEach((name, value) -> {
            Column column = column(name);
            if (allowedKey.contains(column.name())) return; // stands in the row key already
            if (allowedKey.isEmpty()) changeable(name);
            changes.put(column.name(), new ColumnChange.Set(normalise(column, value)));
        });
        if (changes.isEmpty() && allowedKey.isEmpty())
            throw new IllegalArgumentException("table " + info.name() + ": no columns were given");
        return Columns.copyOf(changes);
    }

    private Column changeable(String name) {
        Column column = column(name);
        if (info.key().contains(column.name())) throw problem(column, "a key column cannot be changed", null);
        if (column.name().equals(definition.routedBy()))
            throw problem(column, "the routing column cannot be changed", null);
        return column;
    }

    private @Nullable Object normalise(Column column, @Nullable Object value) {
        if (value == null) {
            if (column.type() instanceof ColumnType.Unsupported) column.type().normalise("");
            if (!column.nullable()) throw problem(column, "it is NOT NULL", null);
            return null;
        }
        try {
            return column.type().normalise(value);
        } catch (IllegalArgumentException e) {
            throw problem(column, e.getMessage(), e);
        }
    }

    private IllegalArgumentException problem(Column column, @Nullable String why, @Nullable Throwable cause) {
        return new IllegalArgumentException("%s.%s: %s".formatted(info.name(), column.name(), why), cause);
    }
}
