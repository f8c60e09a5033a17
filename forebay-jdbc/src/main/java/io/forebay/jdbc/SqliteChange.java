package io.forebay.jdbc;

import io.forebay.spi.ColumnType;
import java.math.BigDecimal;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Increments, maxima and minima, worked out here and not by SQLite: a sum beyond 64 bits would become a double there, a sum of
 * decimals is rounded, and texts are compared by collation. Whatever does not fit its column is refused as other databases
 * refuse it.
 */
final class SqliteChange {
    private SqliteChange() {}

    /**
     * The value the column holds afterwards, as JDBC takes it.
     *
     * @param current what it holds, normalised; null counts as zero, and as neither largest nor smallest
     * @throws SQLException of class 22 if {@code current} or the new value does not fit the column
     */
    static @Nullable Object after(
            JdbcTable table, Shape.Target target, @Nullable Object current, @Nullable Object operand)
            throws SQLException {
        ColumnType type = table.type(target.column());
        if (target.change() == Shape.Change.SET || current == null || operand == null)
            return fitted(table, target.column(), operand);
        Object held = normalised(table, target.column(), current);
        return switch (target.change()) {
            case ADD -> fitted(table, target.column(), sum(held, operand));
            case MAX -> SqliteValues.toJdbc(type, compare(held, operand) < 0 ? operand : held);
            case MIN -> SqliteValues.toJdbc(type, compare(held, operand) > 0 ? operand : held);
            case SET -> throw new IllegalStateException("done before");
        };
    }

    /** The value as JDBC takes it, if the column's declared type has room for it. */
    static @Nullable Object fitted(JdbcTable table, String column, @Nullable Object value) throws SQLException {
        return value == null ? null : SqliteValues.toJdbc(table.type(column), normalised(table, column, value));
    }

    private static Object normalised(JdbcTable table, String column, Object value) throws SQLException {
        ColumnType type = table.type(column);
        try {
            return type.normalise(value);
        } catch (IllegalArgumentException e) {
            throw new SQLException(table.info().name() + "." + column + ": " + e.getMessage(), state(type), e);
        }
    }

    private static String state(ColumnType type) {
        if (type instanceof ColumnType.Text || type instanceof ColumnType.Binary) return "22001";
        return type.counts() ? "22003" : "22007";
    }

    private static Object sum(Object held, Object delta) {
        if (held instanceof Double number) return number + ((Number) delta).doubleValue();
        return new BigDecimal(held.toString()).add(new BigDecimal(delta.toString()));
    }

    @SuppressWarnings("unchecked") // both are normalised to one column
    private static int compare(Object held, Object operand) {
        return ((Comparable<Object>) held).compareTo(operand);
    }
}
