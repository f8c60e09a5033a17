package io.forebay.jdbc;

import io.forebay.spi.Bytes;
import io.forebay.spi.SchemaFaultException;
import io.forebay.spi.TransientSinkException;
import java.math.BigDecimal;
import java.sql.Array;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.StringJoiner;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * PostgreSQL: one statement carries all rows of a shape, one array per column. Values are cast to the column's type
 * <em>without</em> its length: an explicit cast to {@code varchar(3)} would cut, an assignment refuses.
 */
final class PostgresDialect implements Dialect {
    private static final long CREATION_LOCK = 0x466f7265626179L; // "Forebay"

    /**
     * What is switched off in a flush, so that the one plan that is left takes the rows of a statement in the order in
     * which they were sent, and finds each by the index of its key: that is the order in which they are locked.
     */
    private static final List<String> ROW_BY_ROW =
            List.of("enable_hashjoin", "enable_mergejoin", "enable_seqscan", "enable_bitmapscan");

    /** From this many rows on, COPY is faster than INSERT. */
    private static final int COPY_ROWS = 100;

    /** COPY is a matter between PostgreSQL and its driver; an application may use another one. */
    private static final boolean DRIVER_KNOWN = isKnown("org.postgresql.PGConnection");

    private static boolean isKnown(String className) {
        try {
            Class.forName(className, false, PostgresDialect.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    @Override
    public String name() {
        return "postgresql";
    }

    @Override
    public void requireDurable(Session session) throws SQLException {
        if (session.first("SELECT pg_is_in_recovery()", row -> row.getBoolean(1))
                .orElse(false))
            throw new TransientSinkException("the server is a standby: it takes no writes now", null);
        String fsync = session.first("SELECT current_setting('fsync')", row -> row.getString(1))
                .orElse("");
        if (!fsync.equals("on"))
            throw new SchemaFaultException(
                    "the server runs with fsync=" + fsync + ": a crash loses what it committed; set fsync=on", null);
    }

    @Override
    public void prepareTransaction(Session session, Duration statementTimeout) throws SQLException {
        long millis = Math.max(1, statementTimeout.toMillis());
        // an owner that is stopped in mid-transaction must not keep its successor from the watermark's row
        session.openWith("SET TRANSACTION ISOLATION LEVEL READ COMMITTED; SET CONSTRAINTS ALL IMMEDIATE; SELECT "
                + local("statement_timeout", "'" + millis + "'") + ", "
                + local("idle_in_transaction_session_timeout", "'" + millis + "'") + ", "
                + local(
                        "synchronous_commit",
                        "CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on'"
                                + " ELSE current_setting('synchronous_commit') END")
                + ROW_BY_ROW.stream().map(it -> ", " + local(it, "'off'")).collect(Collectors.joining()));
    }

    private static String local(String setting, String value) {
        return "set_config('" + setting + "', " + value + ", true)";
    }

    @Override
    public boolean writesAtOnce() {
        return true;
    }

    @Override
    public void lockForCreation(Session session) throws SQLException {
        session.query("SELECT pg_advisory_xact_lock(?)", row -> true, CREATION_LOCK);
    }

    @Override
    public String quote(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    @Override
    public JdbcTable describe(Session session, String name) throws SQLException {
        return new PostgresCatalog(session, this).describe(name);
    }

    @Override
    public String parameter(JdbcTable table, String column) {
        return "CAST(? AS " + type(table, column) + ")";
    }

    @Override
    public BitSet lock(Session session, JdbcTable table, List<List<Object>> keys) throws SQLException {
        List<Parameter> parameters = keyParameters(table, keys, key -> key);
        String sql = "SELECT x.ord FROM " + table.sqlName() + " AS target JOIN " + unnest(parameters, true) + " ON "
                + keyMatch(table) + " ORDER BY x.ord FOR NO KEY UPDATE OF target";
        BitSet present = new BitSet(keys.size());
        session.query(sql, row -> row.getInt(1) - 1, bind(session, parameters)).forEach(present::set);
        return present;
    }

    @Override
    public boolean updatesInOrder() {
        return true;
    }

    @Override
    public BitSet updatePresent(Session session, JdbcTable table, Shape shape, List<Shape.Values> rows)
            throws SQLException {
        List<Parameter> parameters = parameters(table, shape, rows);
        String sql = update(table, shape, unnest(parameters, true)) + " RETURNING x.ord";
        BitSet updated = new BitSet(rows.size());
        session.query(sql, row -> row.getInt(1) - 1, bind(session, parameters)).forEach(updated::set);
        return updated;
    }

    @Override
    public int append(Session session, JdbcTable table, Shape shape, List<Shape.Values> rows) throws SQLException {
        boolean copied =
                rows.size() >= COPY_ROWS && table.copies() && !shape.targets().isEmpty();
        if (!copied || !DRIVER_KNOWN || !PostgresCopy.takes(session)) return send(session, table, shape, rows);
        String columns =
                names(shape.targets().stream().map(Shape.Target::column).toList());
        return PostgresCopy.run(session, "COPY " + table.sqlName() + " (" + columns + ") FROM STDIN", rows);
    }

    @Override
    public int send(Session session, JdbcTable table, Shape shape, List<Shape.Values> rows) throws SQLException {
        List<Parameter> parameters = parameters(table, shape, rows);
        if (parameters.isEmpty()) return insertDefaults(session, table, rows.size());
        return session.update(sql(table, shape, parameters), bind(session, parameters));
    }

    private static int insertDefaults(Session session, JdbcTable table, int count) throws SQLException {
        int inserted = 0;
        for (int i = 0; i < count; i++)
            inserted += session.update("INSERT INTO " + table.sqlName() + " DEFAULT VALUES");
        return inserted;
    }

    private String sql(JdbcTable table, Shape shape, List<Parameter> parameters) {
        return switch (shape.operation()) {
            case UPDATE -> update(table, shape, unnest(parameters, false));
            case DELETE ->
                "DELETE FROM " + table.sqlName() + " AS target USING " + unnest(parameters, false) + " WHERE "
                        + keyMatch(table);
            case INSERT -> insert(table, shape, parameters) + orderByKey(table);
            case UPSERT ->
                insert(table, shape, parameters) + orderByKey(table) + " ON CONFLICT ("
                        + names(table.info().key()) + ") DO UPDATE SET " + onConflict(table, shape);
            case APPEND -> insert(table, shape, parameters) + " ORDER BY x.ord";
            case REPLACE -> throw new IllegalArgumentException("a replace is a delete and an insert");
        };
    }

    private String update(JdbcTable table, Shape shape, String source) {
        return "UPDATE " + table.sqlName() + " AS target SET " + assignments(shape, i -> "x.c" + i) + " FROM " + source
                + " WHERE " + keyMatch(table);
    }

    private String insert(JdbcTable table, Shape shape, List<Parameter> parameters) {
        List<String> columns = new ArrayList<>();
        if (shape.operation() != Shape.Operation.APPEND)
            columns.addAll(table.info().key());
        shape.targets().forEach(target -> columns.add(target.column()));
        return "INSERT INTO " + table.sqlName() + " AS target (" + names(columns) + ") SELECT "
                + parameters.stream().map(it -> "x." + it.name()).collect(Collectors.joining(", ")) + " FROM "
                + unnest(parameters, shape.operation() == Shape.Operation.APPEND);
    }

    private String onConflict(JdbcTable table, Shape shape) {
        if (!shape.targets().isEmpty())
            return assignments(
                    shape, i -> "excluded." + quote(shape.targets().get(i).column()));
        String key = quote(table.info().key().get(0));
        return key + " = excluded." + key; // so that the row is counted
    }

    private String assignments(Shape shape, IntFunction<String> newValue) {
        StringJoiner all = new StringJoiner(", ");
        for (int i = 0; i < shape.targets().size(); i++) {
            String column = quote(shape.targets().get(i).column());
            String value = newValue.apply(i);
            all.add(column + " = "
                    + switch (shape.targets().get(i).change()) {
                        case SET -> value;
                        case ADD -> "COALESCE(target." + column + ", 0) + " + value;
                        case MAX -> "GREATEST(target." + column + ", " + value + ")";
                        case MIN -> "LEAST(target." + column + ", " + value + ")";
                    });
        }
        return all.toString();
    }

    private String keyMatch(JdbcTable table) {
        List<String> key = table.info().key();
        return IntStream.range(0, key.size())
                .mapToObj(i -> "target." + quote(key.get(i)) + " = x.k" + i)
                .collect(Collectors.joining(" AND "));
    }

    private static String orderByKey(JdbcTable table) {
        return IntStream.range(0, table.info().key().size())
                .mapToObj(i -> "x.k" + i)
                .collect(Collectors.joining(", ", " ORDER BY ", ""));
    }

    private String names(List<String> columns) {
        return columns.stream().map(this::quote).collect(Collectors.joining(", "));
    }

    private static String unnest(List<Parameter> parameters, boolean numbered) {
        String arrays = parameters.stream().map(it -> "?::" + it.type() + "[]").collect(Collectors.joining(", "));
        String aliases = parameters.stream().map(Parameter::name).collect(Collectors.joining(", "));
        return "unnest(" + arrays + ")"
                + (numbered ? " WITH ORDINALITY AS x(" + aliases + ", ord)" : " AS x(" + aliases + ")");
    }

    /**
     * One array.
     *
     * @param name of the column that the array becomes
     * @param type of its elements in the statement
     * @param values its elements
     */
    private record Parameter(String name, String type, List<@Nullable Object> values) {}

    private static List<Parameter> parameters(JdbcTable table, Shape shape, List<Shape.Values> rows) {
        List<Parameter> parameters = new ArrayList<>();
        if (shape.operation() != Shape.Operation.APPEND)
            parameters.addAll(keyParameters(table, rows, Shape.Values::key));
        parameters.addAll(valueParameters(table, shape, rows));
        return parameters;
    }

    private static <T> List<Parameter> keyParameters(JdbcTable table, List<T> rows, Function<T, List<Object>> keyOf) {
        List<Parameter> parameters = new ArrayList<>();
        for (int i = 0; i < table.info().key().size(); i++) {
            int column = i;
            String name = table.info().key().get(i);
            String type = type(table, name);
            parameters.add(
                    parameter("k" + i, type, rows, row -> keyOf.apply(row).get(column)));
        }
        return parameters;
    }

    private static List<Parameter> valueParameters(JdbcTable table, Shape shape, List<Shape.Values> rows) {
        List<Parameter> parameters = new ArrayList<>();
        for (int i = 0; i < shape.targets().size(); i++) {
            int column = i;
            String type = type(table, shape.targets().get(i).column());
            if (isWhole(type)) type = wholeType(rows, i);
            parameters.add(parameter("c" + i, type, rows, row -> row.values().get(column)));
        }
        return parameters;
    }

    /** A sum may be wider than its column, even wider than a bigint: the assignment judges it, not the transport. */
    private static String wholeType(List<Shape.Values> rows, int column) {
        for (Shape.Values row : rows) if (row.values().get(column) instanceof BigDecimal) return "numeric";
        return "int8";
    }

    private static boolean isWhole(String type) {
        return type.equals("int2") || type.equals("int4") || type.equals("int8");
    }

    private static <T> Parameter parameter(
            String name, String type, List<T> rows, Function<T, @Nullable Object> value) {
        List<@Nullable Object> values = new ArrayList<>(rows.size());
        for (T row : rows) values.add(value.apply(row));
        if (type.equals("float4")) return new Parameter(name, "float8", values);
        return new Parameter(name, type, values);
    }

    private static Array array(Session session, Parameter parameter) throws SQLException {
        List<@Nullable Object> values = parameter.values();
        return switch (parameter.type()) {
            case "int2", "int4", "int8" -> array(session, "int8", values.toArray(new Long[0]));
            case "bool" -> array(session, "bool", values.toArray(new Boolean[0]));
            case "float8" -> array(session, "float8", values.toArray(new Double[0]));
            case "bytea" -> array(session, "bytea", bytes(values));
            default -> array(session, "text", texts(values));
        };
    }

    private static Array array(Session session, String type, Object[] elements) throws SQLException {
        return session.connection().createArrayOf(type, elements);
    }

    private static byte[][] bytes(List<@Nullable Object> values) {
        byte[][] all = new byte[values.size()][];
        for (int i = 0; i < all.length; i++) if (values.get(i) instanceof Bytes bytes) all[i] = bytes.toArray();
        return all;
    }

    /** Every other type is read from the text Java writes: ISO dates, plain numbers, UUIDs. */
    private static String[] texts(List<@Nullable Object> values) {
        String[] all = new String[values.size()];
        for (int i = 0; i < all.length; i++) {
            Object value = values.get(i);
            if (value != null) all[i] = value.toString();
        }
        return all;
    }

    private static @Nullable Object[] bind(Session session, List<Parameter> parameters) throws SQLException {
        Array[] arrays = new Array[parameters.size()];
        for (int i = 0; i < arrays.length; i++) arrays[i] = array(session, parameters.get(i));
        return arrays;
    }

    private static String type(JdbcTable table, String column) {
        String type = table.types().get(column);
        if (type == null)
            throw new SchemaFaultException(table.info().name() + " has no column " + column + " any more", null);
        return type;
    }
}
