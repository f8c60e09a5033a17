package io.forebay.jdbc;

import io.forebay.spi.ColumnType;
import io.forebay.spi.SchemaFaultException;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * SQLite, row by row in prepared statements: it runs in the same process, so that a statement costs no round trip. A flush
 * holds the file's one write lock from its beginning, so that rows need no locks of their own and what was read of them stays
 * true. SQLite takes any value into any column: what is written is held to the column's declared type here.
 */
final class SqliteDialect implements Dialect {
    /** {@code PRAGMA table_list} is there. */
    private static final int MIN_VERSION = 3_037;

    /** With these a kill in the middle of a commit leaves a file that nothing can mend. */
    private static final Set<String> WITHOUT_JOURNAL = Set.of("off", "memory");

    private static final String DECLARES_CONFLICTS = """
            SELECT 1 FROM main.sqlite_schema WHERE type = 'table' AND sql LIKE '%CONFLICT%'
                AND '`main`.`' || replace(name, '`', '``') || '`' = ?""";

    static SqliteDialect of(DatabaseMetaData metaData) throws SQLException {
        if (1000 * metaData.getDatabaseMajorVersion() + metaData.getDatabaseMinorVersion() < MIN_VERSION)
            throw new SchemaFaultException(
                    "the driver brings SQLite " + metaData.getDatabaseProductVersion() + ": Forebay needs 3.37", null);
        return new SqliteDialect();
    }

    @Override
    public String name() {
        return "sqlite";
    }

    @Override
    public void requireDurable(Session session) throws SQLException {
        String file = session.first(
                        "SELECT file FROM pragma_database_list WHERE name = 'main'", row -> row.getString(1))
                .orElse("");
        if (file.isEmpty())
            throw new SchemaFaultException(
                    "the database is in memory or temporary, where each connection has another: give it a file", null);
        requireJournal(session);
    }

    /** The mode may be that of the connection alone. */
    private static void requireJournal(Session session) throws SQLException {
        String mode = session.first("PRAGMA journal_mode", row -> row.getString(1))
                .orElse("")
                .toLowerCase(Locale.ROOT);
        if (WITHOUT_JOURNAL.contains(mode))
            throw new SchemaFaultException(
                    "the database runs with journal_mode=" + mode
                            + ": a crash would leave a damaged file; use delete, truncate, persist or wal",
                    null);
    }

    /**
     * Takes the file's write lock, and waits for it as long as a statement may take; a read that asks for the lock later is
     * refused if somebody has written in between. EXTRA differs from FULL only without WAL: it forces the directory too, so
     * that the journal of a transaction that is committed does not come back with the power and undo it. None of this can be
     * set within a transaction, and the driver has begun one.
     */
    @Override
    public void prepareTransaction(Session session, Duration statementTimeout) throws SQLException {
        requireJournal(session);
        session.mendBy("BEGIN"); // an error of the disk ends it, and a trigger may
        session.execute("ROLLBACK");
        session.atClose(
                "ROLLBACK",
                "PRAGMA synchronous = " + setting(session, "synchronous"),
                "PRAGMA busy_timeout = " + setting(session, "busy_timeout"),
                "BEGIN");
        session.execute("PRAGMA synchronous = EXTRA");
        session.execute(
                "PRAGMA busy_timeout = " + Math.max(1, Math.min(Integer.MAX_VALUE, statementTimeout.toMillis())));
        session.execute("BEGIN IMMEDIATE");
    }

    private static int setting(Session session, String name) throws SQLException {
        return session.first("PRAGMA " + name, row -> row.getInt(1)).orElse(0);
    }

    /** There is one write lock for the whole file. */
    @Override
    public boolean writesAtOnce() {
        return false;
    }

    @Override
    public void lockForCreation(Session session) {
        // the transaction holds the write lock
    }

    @Override
    public String now() {
        return "strftime('%Y-%m-%d %H:%M:%fZ', 'now')";
    }

    /** Not in double quotes: SQLite takes such a name for a text when there is no column of that name. */
    @Override
    public String quote(String identifier) {
        return '`' + identifier.replace("`", "``") + '`';
    }

    @Override
    public JdbcTable describe(Session session, String name) throws SQLException {
        return new SqliteCatalog(session, this).describe(name);
    }

    /** The key's index compares byte by byte; the column itself may be declared otherwise. */
    @Override
    public String parameter(JdbcTable table, String column) {
        return table.type(column) instanceof ColumnType.Text ? "? COLLATE BINARY" : "?";
    }

    @Override
    public @Nullable Object toJdbc(@Nullable Object value) {
        return SqliteValues.toJdbc(value);
    }

    @Override
    public @Nullable Object read(ResultSet row, int index, ColumnType type) throws SQLException {
        return SqliteValues.read(row, index, type);
    }

    @Override
    public SqlErrors errors() {
        return new SqlErrors(SqliteErrors::state);
    }

    @Override
    public BitSet lock(Session session, JdbcTable table, List<List<Object>> keys) throws SQLException {
        return session.found(
                new RowSql(this, table).select("1"),
                keys.stream().map(key -> key(key).toArray()).toList());
    }

    /** An upsert is sent as an insert: the row was absent a moment ago. See {@link H2Dialect#send}. */
    @Override
    public int send(Session session, JdbcTable table, Shape shape, List<Shape.Values> rows) throws SQLException {
        return switch (shape.operation()) {
            case UPDATE -> update(session, table, shape, rows);
            case DELETE ->
                session.updateEach(
                        new RowSql(this, table).delete(),
                        rows.stream().map(row -> key(row).toArray()).toList());
            case INSERT, UPSERT, APPEND -> insert(session, table, shape, rows);
            case REPLACE -> throw new IllegalArgumentException("a replace is a delete and an insert");
        };
    }

    private int insert(Session session, JdbcTable table, Shape shape, List<Shape.Values> rows) throws SQLException {
        String sql = new RowSql(this, table).insert(orAbort(session, table, "INSERT"), shape, column -> "?");
        List<@Nullable Object[]> values = new ArrayList<>(rows.size());
        for (Shape.Values row : rows) values.add(join(key(row), fitted(table, shape, row)));
        return session.updateEach(sql, values);
    }

    private int update(Session session, JdbcTable table, Shape shape, List<Shape.Values> rows) throws SQLException {
        StringJoiner assignments = new StringJoiner(", ");
        for (Shape.Target target : shape.targets()) assignments.add(quote(target.column()) + " = ?");
        RowSql sql = new RowSql(this, table);
        String update = sql.update(orAbort(session, table, "UPDATE"), assignments.toString());
        if (!isComputed(shape)) {
            List<@Nullable Object[]> values = new ArrayList<>(rows.size());
            for (Shape.Values row : rows) values.add(join(fitted(table, shape, row), key(row)));
            return session.updateEach(update, values);
        }
        return session.readAndUpdateEach(
                sql.select(targets(shape)),
                found -> read(table, shape, found),
                rows.stream().map(row -> key(row).toArray()).toList(),
                update,
                (i, found) -> join(changed(table, shape, found, rows.get(i)), key(rows.get(i))));
    }

    private static boolean isComputed(Shape shape) {
        return shape.targets().stream().anyMatch(target -> target.change() != Shape.Change.SET);
    }

    private String targets(Shape shape) {
        return shape.targets().stream().map(target -> quote(target.column())).collect(Collectors.joining(", "));
    }

    private List<@Nullable Object> read(JdbcTable table, Shape shape, ResultSet row) throws SQLException {
        List<@Nullable Object> found = new ArrayList<>();
        for (int i = 0; i < shape.targets().size(); i++)
            found.add(read(row, i + 1, table.type(shape.targets().get(i).column())));
        return found;
    }

    private static List<@Nullable Object> changed(
            JdbcTable table, Shape shape, List<@Nullable Object> found, Shape.Values row) throws SQLException {
        List<@Nullable Object> values = new ArrayList<>();
        for (int i = 0; i < shape.targets().size(); i++)
            values.add(SqliteChange.after(
                    table, shape.targets().get(i), found.get(i), row.values().get(i)));
        return values;
    }

    private static List<@Nullable Object> fitted(JdbcTable table, Shape shape, Shape.Values row) throws SQLException {
        List<@Nullable Object> values = new ArrayList<>();
        for (int i = 0; i < shape.targets().size(); i++)
            values.add(SqliteChange.fitted(
                    table, shape.targets().get(i).column(), row.values().get(i)));
        return values;
    }

    /**
     * A table may declare that a violated constraint is ignored, replaces rows or ends the transaction; it shall refuse the row.
     * Other tables are spared the words: they would overrule what their triggers say of their own statements.
     */
    private static String orAbort(Session session, JdbcTable table, String verb) throws SQLException {
        boolean declares =
                session.first(DECLARES_CONFLICTS, row -> true, table.sqlName()).isPresent();
        return declares ? verb + " OR ABORT" : verb;
    }

    private static List<@Nullable Object> key(Shape.Values row) {
        return key(row.key());
    }

    private static List<@Nullable Object> key(List<Object> values) {
        List<@Nullable Object> key = new ArrayList<>();
        for (Object value : values) key.add(SqliteValues.toJdbc(value));
        return key;
    }

    private static @Nullable Object[] join(List<@Nullable Object> first, List<@Nullable Object> then) {
        List<@Nullable Object> all = new ArrayList<>(first);
        all.addAll(then);
        return all.toArray();
    }
}
