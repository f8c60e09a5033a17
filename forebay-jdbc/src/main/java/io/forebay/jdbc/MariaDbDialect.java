package io.forebay.jdbc;

import io.forebay.spi.Bytes;
import io.forebay.spi.ColumnType;
import io.forebay.spi.SchemaFaultException;
import io.forebay.spi.TransientSinkException;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * MariaDB and MySQL: one statement carries all rows of a shape, as one JSON text that {@code JSON_TABLE} makes a table of.
 * Settings of the session are changed in a flush and put back when the session ends.
 */
final class MariaDbDialect implements Dialect {
    /** Rows of this many bytes go in one statement whatever the server's limit is: no server is set lower. */
    private static final long SMALL_BYTES = 256 << 10;

    private static final long MAX_BYTES = 4 << 20;
    private static final int STATEMENT_BYTES = 64 << 10; // room for everything but the rows

    private static final String SQL_MODE =
            "STRICT_ALL_TABLES,STRICT_TRANS_TABLES,NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION";

    private static final List<String> SETTINGS =
            List.of("sql_mode", "time_zone", "innodb_lock_wait_timeout", "lock_wait_timeout", "wait_timeout");

    private final boolean isMariaDb;

    MariaDbDialect(boolean isMariaDb) {
        this.isMariaDb = isMariaDb;
    }

    /** MySQL's driver says MySQL of either; a version of MariaDB names it. */
    static MariaDbDialect of(DatabaseMetaData metaData) throws SQLException {
        String version = metaData.getDatabaseProductVersion();
        boolean isMariaDb = metaData.getDatabaseProductName().equalsIgnoreCase("mariadb")
                || version.toLowerCase(Locale.ROOT).contains("mariadb");
        int number = 100 * metaData.getDatabaseMajorVersion() + metaData.getDatabaseMinorVersion();
        if (number < (isMariaDb ? 1006 : 800))
            throw new SchemaFaultException(
                    "the server is " + version + ": Forebay needs JSON_TABLE, which is in MariaDB 10.6 and MySQL 8.0",
                    null);
        return new MariaDbDialect(isMariaDb);
    }

    @Override
    public String name() {
        return isMariaDb ? "mariadb" : "mysql";
    }

    @Override
    public void requireDurable(Session session) throws SQLException {
        if (setting(session, "read_only").equals("ON"))
            throw new TransientSinkException("the server is read-only: it takes no writes now", null);
        String flushed = setting(session, "innodb_flush_log_at_trx_commit");
        if (!flushed.equals("1"))
            throw new SchemaFaultException(
                    "the server runs with innodb_flush_log_at_trx_commit=" + flushed
                            + ": a crash loses what it committed; set it to 1",
                    null);
        if (setting(session, "log_bin").equals("ON")) requireDurableLog(session);
    }

    private static void requireDurableLog(Session session) throws SQLException {
        String synced = setting(session, "sync_binlog");
        if (!synced.equals("1"))
            throw new SchemaFaultException(
                    "the server writes a binary log with sync_binlog=" + synced
                            + ": after a crash its replicas miss what it committed; set it to 1",
                    null);
        String format = setting(session, "binlog_format");
        if (format.equalsIgnoreCase("STATEMENT"))
            throw new SchemaFaultException(
                    "the server has binlog_format=STATEMENT, which takes no READ COMMITTED transactions; set it to ROW",
                    null);
    }

    /** As the server shows it, or an empty text if it knows no such setting. */
    private static String setting(Session session, String name) throws SQLException {
        return session.first("SHOW GLOBAL VARIABLES LIKE '" + name + "'", row -> row.getString(2))
                .orElse("");
    }

    /** There are no deferred constraints. A session that stays idle in its transaction loses its locks with it. */
    @Override
    public void prepareTransaction(Session session, Duration statementTimeout) throws SQLException {
        session.readCommitted();
        if (session.atClose(settings("SET ", name -> "SESSION " + name + " = @forebay_" + name)))
            session.execute(settings("SET ", name -> "@forebay_" + name + " = @@SESSION." + name));
        long seconds = Math.max(1, statementTimeout.plusMillis(999).toSeconds());
        session.execute("SET SESSION sql_mode = '" + SQL_MODE + "', SESSION time_zone = '+00:00'"
                + ", SESSION innodb_lock_wait_timeout = " + seconds + ", SESSION lock_wait_timeout = " + seconds
                + ", SESSION wait_timeout = " + seconds
                + (isMariaDb
                        ? ", SESSION max_statement_time = " + Math.max(1, statementTimeout.toMillis()) / 1000.0
                        : ""));
    }

    private String settings(String verb, UnaryOperator<String> assignment) {
        Stream<String> names =
                isMariaDb ? Stream.concat(SETTINGS.stream(), Stream.of("max_statement_time")) : SETTINGS.stream();
        return names.map(assignment).collect(Collectors.joining(", ", verb, ""));
    }

    @Override
    public boolean writesAtOnce() {
        return true;
    }

    @Override
    public void lockForCreation(Session session) {
        // every CREATE TABLE waits for others of the same name, and commits
    }

    @Override
    public String quote(String identifier) {
        return '`' + identifier.replace("`", "``") + '`';
    }

    @Override
    public JdbcTable describe(Session session, String name) throws SQLException {
        return new MariaDbCatalog(session, this).describe(name);
    }

    @Override
    public String parameter(JdbcTable table, String column) {
        return "?";
    }

    @Override
    public @Nullable Object toJdbc(@Nullable Object value) {
        return MariaDbValues.toJdbc(value);
    }

    @Override
    public String selected(String column, ColumnType type) {
        return MariaDbValues.selected(column, type);
    }

    @Override
    public @Nullable Object read(ResultSet row, int index, ColumnType type) throws SQLException {
        return MariaDbValues.read(row, index, type);
    }

    @Override
    public SqlErrors errors() {
        return new SqlErrors(MariaDbErrors::state);
    }

    @Override
    public BitSet lock(Session session, JdbcTable table, List<List<Object>> keys) throws SQLException {
        List<Field> fields = keyFields(table);
        String sql = "SELECT x.ord FROM " + join(table, fields) + " FOR UPDATE";
        BitSet present = new BitSet(keys.size());
        for (JsonRows.Chunk chunk : chunks(session, table, fields, keys))
            session.query(sql, row -> row.getInt(1) - 1, chunk.json()).forEach(i -> present.set(chunk.first() + i));
        return present;
    }

    /** An upsert is sent as an insert: the row was absent a moment ago. See {@link H2Dialect#send}. */
    @Override
    public int send(Session session, JdbcTable table, Shape shape, List<Shape.Values> rows) throws SQLException {
        List<Field> fields = new ArrayList<>();
        if (shape.operation() != Shape.Operation.APPEND) fields.addAll(keyFields(table));
        for (Shape.Target target : shape.targets())
            fields.add(valueField("c" + fields.size(), target.column(), table.type(target.column())));
        if (fields.isEmpty()) return insertDefaults(session, table, rows.size());

        String sql = sql(table, shape, fields);
        List<List<@Nullable Object>> values =
                rows.stream().map(MariaDbDialect::all).toList();
        int changed = 0;
        for (JsonRows.Chunk chunk : chunks(session, table, fields, values))
            changed += session.update(sql, chunk.json());
        return changed;
    }

    private static int insertDefaults(Session session, JdbcTable table, int count) throws SQLException {
        int inserted = 0;
        for (int i = 0; i < count; i++) inserted += session.update("INSERT INTO " + table.sqlName() + " () VALUES ()");
        return inserted;
    }

    private static List<@Nullable Object> all(Shape.Values row) {
        List<@Nullable Object> all = new ArrayList<>(row.key());
        all.addAll(row.values());
        return all;
    }

    private String sql(JdbcTable table, Shape shape, List<Field> fields) {
        return switch (shape.operation()) {
            case UPDATE -> "UPDATE " + join(table, fields) + " SET " + assignments(table, shape, fields);
            case DELETE -> "DELETE target FROM " + join(table, fields);
            case INSERT, UPSERT, APPEND ->
                "INSERT INTO " + table.sqlName() + " ("
                        + fields.stream().map(it -> quote(it.column())).collect(Collectors.joining(", ")) + ") SELECT "
                        + fields.stream().map(Field::value).collect(Collectors.joining(", ")) + " FROM "
                        + jsonTable(fields) + " ORDER BY x.ord";
            case REPLACE -> throw new IllegalArgumentException("a replace is a delete and an insert");
        };
    }

    private String assignments(JdbcTable table, Shape shape, List<Field> fields) {
        int keys = table.info().key().size();
        StringJoiner all = new StringJoiner(", ");
        for (int i = 0; i < shape.targets().size(); i++) {
            String column = "target." + quote(shape.targets().get(i).column());
            String value = fields.get(keys + i).value();
            all.add(column + " = "
                    + switch (shape.targets().get(i).change()) {
                        case SET -> value;
                        case ADD -> "COALESCE(" + column + ", 0) + " + value;
                        case MAX -> "COALESCE(GREATEST(" + column + ", " + value + "), " + value + ")";
                        case MIN -> "COALESCE(LEAST(" + column + ", " + value + "), " + value + ")";
                    });
        }
        return all.toString();
    }

    /** The rows one by one in their order, each found by its key: no other row is looked at, so none is locked. */
    private String join(JdbcTable table, List<Field> fields) {
        String match = fields.stream()
                .limit(table.info().key().size())
                .map(it -> "target." + quote(it.column()) + " = " + it.value())
                .collect(Collectors.joining(" AND "));
        return jsonTable(fields) + " STRAIGHT_JOIN " + table.sqlName() + " AS target FORCE INDEX (PRIMARY) ON " + match;
    }

    private static String jsonTable(List<Field> fields) {
        StringJoiner columns = new StringJoiner(", ", "JSON_TABLE(?, '$[*]' COLUMNS (", ")) AS x");
        columns.add("ord FOR ORDINALITY");
        for (int i = 0; i < fields.size(); i++)
            columns.add(fields.get(i).name() + " " + fields.get(i).type() + " PATH '$[" + i + "]' ERROR ON ERROR");
        return columns.toString();
    }

    /**
     * One element of each row.
     *
     * @param name its name in the statement
     * @param column where it goes
     * @param type as which {@code JSON_TABLE} reads it
     * @param value the expression that has the column's type
     */
    private record Field(String name, String column, String type, String value) {}

    private static List<Field> keyFields(JdbcTable table) {
        List<Field> fields = new ArrayList<>();
        for (String key : table.info().key()) {
            String name = "k" + fields.size();
            ColumnType type = table.type(key);
            fields.add(
                    type instanceof ColumnType.Text
                            ? new Field(name, key, declared(table, key), "x." + name)
                            : type instanceof ColumnType.Whole
                                    ? new Field(name, key, "BIGINT", "x." + name)
                                    : valueField(name, key, type));
        }
        return fields;
    }

    /** Wider than the column: a sum or a text that does not fit is judged by the assignment, not cut on the way. */
    private static Field valueField(String name, String column, ColumnType type) {
        String value = "x." + name;
        if (type instanceof ColumnType.Binary) value = "FROM_BASE64(" + value + ")";
        if (type instanceof ColumnType.Uuid) value = "CAST(" + value + " AS UUID)";
        return new Field(name, column, transport(type), value);
    }

    private static String transport(ColumnType type) {
        if (type instanceof ColumnType.Whole) return "DECIMAL(65, 0)";
        if (type instanceof ColumnType.Decimal decimal) return "DECIMAL(65, " + decimal.scale() + ")";
        if (type instanceof ColumnType.Floating) return "DOUBLE";
        if (type instanceof ColumnType.Bool) return "TINYINT";
        if (type instanceof ColumnType.Date) return "DATE";
        if (type instanceof ColumnType.Time) return "TIME(6)";
        if (type instanceof ColumnType.Timestamp || type instanceof ColumnType.Moment) return "DATETIME(6)";
        return "LONGTEXT CHARACTER SET utf8mb4";
    }

    private static List<JsonRows.Chunk> chunks(
            Session session, JdbcTable table, List<Field> fields, List<? extends List<? extends @Nullable Object>> rows)
            throws SQLException {
        List<String> json = new ArrayList<>(rows.size());
        long bytes = 0;
        for (List<? extends @Nullable Object> row : rows) {
            String text = JsonRows.row(values(table, fields, row));
            bytes += JsonRows.quotedBytes(text);
            json.add(text);
        }
        if (bytes <= SMALL_BYTES) return JsonRows.chunks(json, Long.MAX_VALUE);

        long limit = Long.parseLong(setting(session, "max_allowed_packet")) - STATEMENT_BYTES;
        for (String row : json) requireFits(table, JsonRows.quotedBytes(row), limit);
        return JsonRows.chunks(json, Math.min(MAX_BYTES, limit));
    }

    /** Not even the dead letter of such a row would fit: only the server's setting helps. */
    private static void requireFits(JdbcTable table, long bytes, long limit) {
        if (bytes > limit)
            throw new SchemaFaultException(
                    "a row of %s takes %d bytes on its way to the server, and max_allowed_packet allows %d: raise it"
                            .formatted(table.info().name(), bytes, limit),
                    null);
    }

    private static List<@Nullable Object> values(
            JdbcTable table, List<Field> fields, List<? extends @Nullable Object> row) throws SQLException {
        List<@Nullable Object> values = new ArrayList<>(row.size());
        for (int i = 0; i < row.size(); i++) {
            Object value = row.get(i);
            if (value instanceof Bytes bytes)
                requireExactLength(table, fields.get(i).column(), bytes);
            values.add(MariaDbValues.toJson(value));
        }
        return values;
    }

    /** A {@code binary(16)} fills up what is shorter, and would read back as something else. */
    private static void requireExactLength(JdbcTable table, String column, Bytes bytes) throws SQLException {
        boolean exact = declared(table, column).startsWith("binary(");
        if (exact && table.type(column) instanceof ColumnType.Binary type && bytes.size() != type.maxLength())
            throw new SQLException(
                    "%s.%s takes exactly %d bytes, not %d"
                            .formatted(table.info().name(), column, type.maxLength(), bytes.size()),
                    "22026");
    }

    private static String declared(JdbcTable table, String column) {
        String type = table.types().get(column);
        if (type == null) throw table.missing(column);
        return type;
    }
}
