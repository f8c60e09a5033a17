package io.forebay.jdbc;

import io.forebay.spi.Column;
import io.forebay.spi.ColumnType;
import io.forebay.spi.TableInfo;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What SQLite's schema says of a table. Only those of the main file: a temporary one is gone with its connection, and one of
 * an attached file is not always committed together with the rest.
 */
final class SqliteCatalog {
    private static final String TABLES =
            "SELECT schema, name, TRUE FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";

    private static final String KIND = "SELECT type, wr FROM pragma_table_list WHERE schema = 'main' AND name = ?";

    private static final String COLUMNS =
            "SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM pragma_table_xinfo(?, 'main') ORDER BY cid";

    /** The index of the primary key; there is none if the key is the rowid. */
    private static final String COLLATIONS = """
            SELECT x.name, x.coll FROM pragma_index_list(?, 'main') AS l, pragma_index_xinfo(l.name, 'main') AS x
            WHERE l.origin = 'pk' AND x.key = 1""";

    private static final String REFERENCES = """
            SELECT DISTINCT t.name FROM pragma_foreign_key_list(?, 'main') AS f
            JOIN pragma_table_list AS t ON t.schema = 'main' AND t.name = f."table" COLLATE NOCASE ORDER BY 1""";

    /** The DDL of the table and of those that refer to it. */
    private static final String RELATED = """
            SELECT s.name, s.sql FROM main.sqlite_schema AS s WHERE s.type = 'table' AND (s.name = ?1
                OR EXISTS (SELECT 1 FROM pragma_foreign_key_list(s.name, 'main') AS f WHERE f."table" = ?1 COLLATE NOCASE))""";

    private static final Pattern DEFERRED = Pattern.compile("INITIALLY\\s+DEFERRED", Pattern.CASE_INSENSITIVE);
    private static final Pattern ZERO = Pattern.compile("\\(?'?[+-]?0+(\\.0+)?'?\\)?");

    private final Session session;
    private final SqliteDialect dialect;

    SqliteCatalog(Session session, SqliteDialect dialect) {
        this.session = session;
        this.dialect = dialect;
    }

    /** A table's kind as SQLite calls it, and whether its rows have a rowid. */
    private record Kind(String name, boolean hasRowid) {}

    JdbcTable describe(String asked) throws SQLException {
        TableNames.Match match = TableNames.resolve(asked, session.query(TABLES, SqliteCatalog::candidate));
        String table = match.table().table();
        Kind kind = kind(table);
        requireImmediate(table);

        Map<String, String> collations = new HashMap<>();
        session.query(COLLATIONS, row -> collations.put(row.getString(1), row.getString(2)), table);
        boolean isRowid = kind.hasRowid() && collations.isEmpty();
        TreeMap<Integer, String> key = new TreeMap<>();
        Map<String, Column> columns = new LinkedHashMap<>();
        Map<String, String> types = new LinkedHashMap<>();
        session.query(
                COLUMNS,
                row -> {
                    String name = row.getString("name");
                    if (row.getInt("pk") > 0) key.put(row.getInt("pk"), name);
                    columns.put(name, column(row, collations.get(name), isRowid));
                    types.put(name, String.valueOf(row.getString("type")));
                    return name;
                },
                table);
        List<String> references = session.query(REFERENCES, row -> spelled(row.getString(1), match), table).stream()
                .filter(it -> !it.equals(match.name()))
                .toList();

        TableInfo info = new TableInfo(match.name(), List.copyOf(key.values()), columns, references);
        return new JdbcTable(info, dialect.quote("main") + "." + dialect.quote(table), types);
    }

    private static TableNames.Candidate candidate(ResultSet row) throws SQLException {
        return new TableNames.Candidate(row.getString(1), row.getString(2), row.getBoolean(3), 0);
    }

    private static String spelled(String table, TableNames.Match like) {
        return new TableNames.Candidate("main", table, true, 0).spelled(like.withSchema());
    }

    private Kind kind(String table) throws SQLException {
        Kind kind = session.first(KIND, row -> new Kind(row.getString("type"), row.getInt("wr") == 0), table)
                .orElseThrow(() -> new IllegalArgumentException("the table " + table + " is gone"));
        if (!kind.name().equals("table"))
            throw new IllegalArgumentException(
                    table + " is a " + kind.name() + ": Forebay writes to plain tables only");
        return kind;
    }

    /** Nothing but COMMIT would find a row without a parent, and nobody could say which row it is. */
    private void requireImmediate(String table) throws SQLException {
        if (session.first("PRAGMA foreign_keys", row -> row.getInt(1)).orElse(0) == 0) return;
        Map<String, String> related = new TreeMap<>();
        session.query(RELATED, row -> related.put(row.getString(1), row.getString(2)), table);
        related.forEach((name, ddl) -> {
            if (DEFERRED.matcher(ddl).find())
                throw new IllegalArgumentException("the table " + name
                        + " has a foreign key that is INITIALLY DEFERRED, which only COMMIT would check: Forebay cannot write"
                        + " to " + table + " before it is INITIALLY IMMEDIATE");
        });
    }

    private static Column column(ResultSet row, @Nullable String collation, boolean isRowid) throws SQLException {
        boolean isKey = row.getInt("pk") > 0;
        String declared = String.valueOf(row.getString("type"));
        ColumnType type = isKey ? keyType(declared, collation) : SqliteTypes.of(declared);
        boolean isMade = isKey && isRowid || row.getInt("hidden") > 0;
        return new Column(
                row.getString("name"),
                type,
                !isKey && row.getInt("notnull") == 0,
                isMade ? Column.Absent.DATABASE : absent(row, type));
    }

    private static ColumnType keyType(String declared, @Nullable String collation) {
        ColumnType type = SqliteTypes.ofKey(declared);
        boolean isExact = collation == null || collation.equalsIgnoreCase("BINARY");
        return type instanceof ColumnType.Text text && !isExact
                ? new ColumnType.Text(
                        text.maxLength(),
                        false,
                        true,
                        "its collation " + collation + " takes different texts for equal")
                : type;
    }

    private static Column.Absent absent(ResultSet row, ColumnType type) throws SQLException {
        String fallback = row.getString("dflt_value");
        if (fallback == null || fallback.equalsIgnoreCase("NULL")) return Column.Absent.NULL;
        return type.counts() && ZERO.matcher(fallback).matches() ? Column.Absent.ZERO : Column.Absent.DATABASE;
    }
}
