package io.forebay.jdbc;

import io.forebay.spi.Column;
import io.forebay.spi.ColumnType;
import io.forebay.spi.TableInfo;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** What H2's information schema says of a table. */
final class H2Catalog {
    private static final String TABLES = """
            SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_SCHEMA = SCHEMA()
            FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA <> 'INFORMATION_SCHEMA'""";

    private static final String COLUMNS = """
            SELECT COLUMN_NAME, DATA_TYPE, IS_NULLABLE, COLUMN_DEFAULT, IS_IDENTITY, IS_GENERATED,
                   CHARACTER_MAXIMUM_LENGTH, NUMERIC_PRECISION, NUMERIC_SCALE, DATETIME_PRECISION
            FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION""";

    private static final Pattern ZERO = Pattern.compile("(CAST\\()?'?0+(\\.0+)?'?( AS .*\\))?");

    private final Session session;
    private final H2Dialect dialect;

    H2Catalog(Session session, H2Dialect dialect) {
        this.session = session;
        this.dialect = dialect;
    }

    JdbcTable describe(String name) throws SQLException {
        TableNames.Match match = TableNames.resolve(name, session.query(TABLES, H2Catalog::candidate));
        TableNames.Candidate table = match.table();

        Map<String, Column> columns = new LinkedHashMap<>();
        Map<String, String> types = new LinkedHashMap<>();
        for (Column column : session.query(COLUMNS, H2Catalog::column, table.schema(), table.table())) {
            columns.put(column.name(), column);
            types.put(column.name(), column.type().toString());
        }
        TableInfo info = new TableInfo(match.name(), key(table), columns, references(match));
        return new JdbcTable(info, dialect.quote(table.schema()) + "." + dialect.quote(table.table()), types);
    }

    private List<String> key(TableNames.Candidate table) throws SQLException {
        TreeMap<Short, String> key = new TreeMap<>();
        try (ResultSet row = metaData().getPrimaryKeys(null, table.schema(), table.table())) {
            while (row.next()) key.put(row.getShort("KEY_SEQ"), row.getString("COLUMN_NAME"));
        }
        return List.copyOf(key.values());
    }

    private List<String> references(TableNames.Match match) throws SQLException {
        String current =
                session.first("SELECT SCHEMA()", row -> row.getString(1)).orElse("");
        TableNames.Candidate table = match.table();
        TreeSet<String> references = new TreeSet<>();
        try (ResultSet row = metaData().getImportedKeys(null, table.schema(), table.table())) {
            while (row.next()) {
                String schema = row.getString("PKTABLE_SCHEM");
                references.add(
                        new TableNames.Candidate(schema, row.getString("PKTABLE_NAME"), schema.equals(current), 0)
                                .spelled(match.withSchema()));
            }
        }
        references.remove(match.name());
        return List.copyOf(references);
    }

    private DatabaseMetaData metaData() throws SQLException {
        return session.connection().getMetaData();
    }

    private static TableNames.Candidate candidate(ResultSet row) throws SQLException {
        return new TableNames.Candidate(row.getString(1), row.getString(2), row.getBoolean(3), 0);
    }

    private static Column column(ResultSet row) throws SQLException {
        ColumnType type = type(row);
        return new Column(
                row.getString("COLUMN_NAME"), type, "YES".equals(row.getString("IS_NULLABLE")), absent(row, type));
    }

    private static Column.Absent absent(ResultSet row, ColumnType type) throws SQLException {
        if ("YES".equals(row.getString("IS_IDENTITY")) || "ALWAYS".equals(row.getString("IS_GENERATED")))
            return Column.Absent.DATABASE;
        String fallback = row.getString("COLUMN_DEFAULT");
        if (fallback == null || fallback.equals("NULL")) return Column.Absent.NULL;
        return type.counts() && ZERO.matcher(fallback).matches() ? Column.Absent.ZERO : Column.Absent.DATABASE;
    }

    private static ColumnType type(ResultSet row) throws SQLException {
        String name = row.getString("DATA_TYPE");
        return switch (name) {
            case "TINYINT" -> new ColumnType.Whole(Byte.MIN_VALUE, Byte.MAX_VALUE);
            case "SMALLINT" -> new ColumnType.Whole(Short.MIN_VALUE, Short.MAX_VALUE);
            case "INTEGER" -> new ColumnType.Whole(Integer.MIN_VALUE, Integer.MAX_VALUE);
            case "BIGINT" -> new ColumnType.Whole(Long.MIN_VALUE, Long.MAX_VALUE);
            case "NUMERIC" -> new ColumnType.Decimal(row.getInt("NUMERIC_PRECISION"), row.getInt("NUMERIC_SCALE"));
            case "REAL" -> new ColumnType.Floating(true);
            case "DOUBLE PRECISION" -> new ColumnType.Floating(false);
            case "BOOLEAN" -> new ColumnType.Bool();
            case "CHARACTER VARYING" -> text(row, false, "");
            case "CHARACTER" -> text(row, true, "");
            case "VARCHAR_IGNORECASE" -> text(row, false, "VARCHAR_IGNORECASE is case-insensitive");
            case "CHARACTER LARGE OBJECT" -> text(row, false, "a large object is no key");
            case "BINARY VARYING", "BINARY LARGE OBJECT" -> new ColumnType.Binary(length(row));
            case "DATE" -> new ColumnType.Date();
            case "TIME" -> new ColumnType.Time(row.getInt("DATETIME_PRECISION"));
            case "TIMESTAMP" -> new ColumnType.Timestamp(row.getInt("DATETIME_PRECISION"));
            case "TIMESTAMP WITH TIME ZONE" -> new ColumnType.Moment(row.getInt("DATETIME_PRECISION"));
            case "UUID" -> new ColumnType.Uuid();
            case "JSON" -> new ColumnType.Json();
            default -> new ColumnType.Unsupported(name);
        };
    }

    private static ColumnType text(ResultSet row, boolean padded, String keyProblem) throws SQLException {
        return new ColumnType.Text(length(row), padded, true, keyProblem);
    }

    private static int length(ResultSet row) throws SQLException {
        return (int) Math.min(Integer.MAX_VALUE, row.getLong("CHARACTER_MAXIMUM_LENGTH"));
    }
}
