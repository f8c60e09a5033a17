package io.forebay.internal.mutation;

import io.forebay.spi.Column;
import io.forebay.spi.ColumnChange;
import io.forebay.spi.ColumnChange.Add;
import io.forebay.spi.ColumnChange.Max;
import io.forebay.spi.ColumnChange.Min;
import io.forebay.spi.ColumnChange.Operations;
import io.forebay.spi.ColumnChange.Set;
import io.forebay.spi.ColumnType;
import io.forebay.spi.DocumentAlgebra;
import io.forebay.spi.Stage;
import io.forebay.spi.Stage.Kind;
import io.forebay.spi.TableInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How mutations of one row become one: pure, and associative over any grouping that keeps order.
 *
 * <p>Two stages merge only if one statement then does what the two would have done, whether or not the row exists;
 * otherwise a new stage begins. Two liberties are taken, both documented as guarantees: what a delete overwrites can no
 * longer be refused, and a refused insert takes the changes merged into it along.
 */
public final class Merge {
    private Merge() {}

    /** Adds {@code newer} stages behind {@code older} ones, merged where that changes nothing. */
    public static List<Stage> append(List<Stage> older, List<Stage> newer, TableInfo table) {
        List<Stage> result = older;
        for (Stage stage : newer) result = append(result, stage, table);
        return result;
    }

    /** Adds one stage behind {@code older} ones, merged where that changes nothing. */
    public static List<Stage> append(List<Stage> older, Stage newer, TableInfo table) {
        if (older.isEmpty() || newer.kind() == Kind.DELETE || newer.kind() == Kind.REPLACE) return List.of(newer);

        Stage last = older.get(older.size() - 1);
        Stage merged = merge(last, newer, table);
        if (merged != null && older.size() == 1) return List.of(merged);

        List<Stage> result = new ArrayList<>(older);
        if (merged == null) result.add(newer);
        else result.set(result.size() - 1, merged);
        return List.copyOf(result);
    }

    /** The one stage that does what the two do in order, or null if there is none. */
    static @Nullable Stage merge(Stage older, Stage newer, TableInfo table) {
        return switch (newer.kind()) {
            case UPDATE -> older.kind() == Kind.DELETE ? null : changed(older, newer, table);
            case UPSERT ->
                switch (older.kind()) {
                    case DELETE -> created(newer, table);
                    case UPSERT, REPLACE -> changed(older, newer, table);
                    case UPDATE, INSERT -> null;
                };
            case INSERT -> older.kind() == Kind.DELETE ? new Stage(Kind.REPLACE, newer.columns()) : null;
            case REPLACE, DELETE -> newer;
        };
    }

    /** An upsert after a delete: the row is certainly new, so its changes count from nothing. */
    private static @Nullable Stage created(Stage upsert, TableInfo table) {
        return changed(new Stage(Kind.REPLACE, Columns.empty()), upsert, table);
    }

    private static @Nullable Stage changed(Stage older, Stage newer, TableInfo table) {
        Columns<ColumnChange> columns = Columns.copyOf(older.columns());
        for (Map.Entry<String, ColumnChange> entry : newer.columns().entrySet()) {
            Column column = table.columns().get(entry.getKey());
            if (column == null) return null; // dropped since it was written: the flush will say so
            ColumnChange before = columns.get(entry.getKey());
            ColumnChange merged = before == null
                    ? first(older.kind(), entry.getValue(), column)
                    : merge(before, entry.getValue(), column);
            if (merged == null) return null;
            columns = columns.with(entry.getKey(), merged);
        }
        return new Stage(older.kind(), columns);
    }

    /** A change of a column that the stage did not touch yet. */
    private static @Nullable ColumnChange first(Kind stage, ColumnChange change, Column column) {
        return switch (stage) {
            case UPDATE -> change;
            case UPSERT -> countsFromNothing(change, column) ? change : null;
            case INSERT, REPLACE -> countsFromNothing(change, column) ? fromNothing(change, column) : null;
            case DELETE -> null;
        };
    }

    /** Whether the change of a column that a new row does not name is the same as naming it in the insert. */
    private static boolean countsFromNothing(ColumnChange change, Column column) {
        if (change instanceof Set) return true;
        return column.absent() == Column.Absent.NULL || column.absent() == Column.Absent.ZERO && change instanceof Add;
    }

    private static @Nullable Set fromNothing(ColumnChange change, Column column) {
        if (change instanceof Set set) return set;
        if (change instanceof Operations operations) return folded(null, operations, column);
        return new Set(Apply.change(null, change, column.type()));
    }

    private static @Nullable ColumnChange merge(ColumnChange older, Operations newer, Column column) {
        if (older instanceof Set set) return folded(set.value(), newer, column);
        DocumentAlgebra algebra = ((ColumnType.Document) column.type()).algebra();
        return new Operations(algebra.merge(((Operations) older).content(), newer.content()));
    }

    /** The document with the operations done, or null if the database may refuse one: it has to see them, to say so. */
    private static @Nullable Set folded(@Nullable Object document, Operations operations, Column column) {
        DocumentAlgebra.Outcome outcome = Apply.outcome(document, operations, column.type());
        return outcome.exact() ? new Set(outcome.document()) : null;
    }

    /** The one change that does what the two do in order, or null if there is none. */
    static @Nullable ColumnChange merge(ColumnChange older, ColumnChange newer, Column column) {
        if (newer instanceof Set) return newer;
        if (newer instanceof Operations operations) return merge(older, operations, column);
        if (older instanceof Set set) return new Set(Apply.change(set.value(), newer, column.type()));
        if (older instanceof Add first && newer instanceof Add second)
            return new Add(Numbers.sum(first.delta(), second.delta()));
        if (older instanceof Max first && newer instanceof Max second)
            return Numbers.compare(first.value(), second.value()) >= 0 ? first : second;
        if (older instanceof Min first && newer instanceof Min second)
            return Numbers.compare(first.value(), second.value()) <= 0 ? first : second;
        return null;
    }
}
