package io.forebay.jdbc;

import io.forebay.spi.ColumnType;
import java.sql.SQLException;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * H2, row by row in prepared batches: it runs in the same process, so that a statement costs no round trip. What a
 * statement may take is bounded by the connection's {@code LOCK_TIMEOUT}, which is lowered to the flush timeout (and stays
 * so): H2 cannot be interrupted while it waits for a lock.
 */
final class H2Dialect implements Dialect {
    @Override
    public String name() {
        return "h2";
    }

    @Override
    public void requireDurable(Session session) throws SQLException {
        session.execute("SET WRITE_DELAY 0");
    }

    /** H2 has no deferred constraints, and commits durably since attach. */
    @Override
    public void prepareTransaction(Session session, Duration statementTimeout) throws SQLException {
        session.readCommitted();
        long millis = Math.max(1, statementTimeout.toMillis());
        long waits =
                session.first("SELECT LOCK_TIMEOUT()", row -> row.getLong(1)).orElse(0L);
        if (waits > millis) session.execute("SET LOCK_TIMEOUT " + millis);
    }

    /**
     * After a SIGKILL under concurrent flushes, H2 2.5.252 was seen with a file in which locking a row never ended; see
     * docs/decisions/0011-one-writer-on-h2.md.
     */
    @Override
    public boolean writesAtOnce() {
        return false;
    }

    @Override
    public void lockForCreation(Session session) {
        // a CREATE TABLE locks the whole catalog
    }

    @Override
    public String quote(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    @Override
    public JdbcTable describe(Session session, String name) throws SQLException {
        return new H2Catalog(session, this).describe(name);
    }

    @Override
    public String parameter(JdbcTable table, String column) {
        return "?";
    }

    @Override
    public BitSet lock(Session session, JdbcTable table, List<List<Object>> keys) throws SQLException {
        String sql = new RowSql(this, table).select("1") + " FOR UPDATE";
        return session.found(sql, keys.stream().map(key -> join(key, List.of())).toList());
    }

    /**
     * An upsert is sent as an insert: the row was absent a moment ago. If another program was faster, the insert is
     * refused, and tried again as an update after the rest.
     */
    @Override
    public int send(Session session, JdbcTable table, Shape shape, List<Shape.Values> rows) throws SQLException {
        return switch (shape.operation()) {
            case UPDATE -> update(session, table, shape, rows);
            case DELETE ->
                session.updateEach(
                        new RowSql(this, table).delete(),
                        rows.stream().map(row -> join(List.of(), row.key())).toList());
            case INSERT, UPSERT, APPEND -> insert(session, table, shape, rows);
            case REPLACE -> throw new IllegalArgumentException("a replace is a delete and an insert");
        };
    }

    private int update(Session session, JdbcTable table, Shape shape, List<Shape.Values> rows) throws SQLException {
        StringJoiner assignments = new StringJoiner(", ");
        for (Shape.Target target : shape.targets()) assignments.add(assignment(table, target));
        return session.updateEach(
                new RowSql(this, table).update("UPDATE", assignments.toString()),
                rows.stream().map(row -> join(row.values(), row.key())).toList());
    }

    private int insert(Session session, JdbcTable table, Shape shape, List<Shape.Values> rows) throws SQLException {
        return session.updateEach(
                new RowSql(this, table).insert("INSERT", shape, column -> value(table, column)),
                rows.stream().map(row -> join(row.key(), row.values())).toList());
    }

    private String assignment(JdbcTable table, Shape.Target target) {
        String column = quote(target.column());
        return column + " = "
                + switch (target.change()) {
                    case SET -> value(table, target.column());
                    case ADD -> "COALESCE(" + column + ", 0) + " + operand(table, target);
                    case MAX -> "GREATEST(" + column + ", " + operand(table, target) + ") IGNORE NULLS";
                    case MIN -> "LEAST(" + column + ", " + operand(table, target) + ") IGNORE NULLS";
                };
    }

    private static String operand(JdbcTable table, Shape.Target target) {
        return "CAST(? AS " + calculationType(table.type(target.column())) + ")";
    }

    /** Wide enough for every sum, so that it is the assignment that judges it. */
    private static String calculationType(ColumnType type) {
        if (type instanceof ColumnType.Whole) return "NUMERIC(100, 0)";
        if (type instanceof ColumnType.Decimal decimal) return "NUMERIC(100000, " + decimal.scale() + ")";
        if (type instanceof ColumnType.Floating) return "DOUBLE PRECISION";
        if (type instanceof ColumnType.Date) return "DATE";
        if (type instanceof ColumnType.Time) return "TIME(9)";
        if (type instanceof ColumnType.Timestamp) return "TIMESTAMP(9)";
        if (type instanceof ColumnType.Moment) return "TIMESTAMP(9) WITH TIME ZONE";
        throw new IllegalArgumentException("nothing is added to or compared with " + type);
    }

    private static String value(JdbcTable table, String column) {
        return table.type(column) instanceof ColumnType.Json ? "? FORMAT JSON" : "?";
    }

    private static @Nullable Object[] join(
            List<? extends @Nullable Object> first, List<? extends @Nullable Object> then) {
        @Nullable Object[] all = new @Nullable Object[first.size() + then.size()];
        int next = 0;
        for (Object value : first) all[next++] = JdbcValues.toJdbc(value);
        for (Object value : then) all[next++] = JdbcValues.toJdbc(value);
        return all;
    }
}
