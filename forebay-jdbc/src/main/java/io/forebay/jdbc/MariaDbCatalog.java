package io.forebay.jdbc;

import io.forebay.spi.Column;
import io.forebay.spi.ColumnType;
import io.forebay.spi.TableInfo;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What MariaDB's or MySQL's information schema says of a table. */
final class MariaDbCatalog {
    private static final String TABLES = """
            SELECT TABLE_SCHEMA, TABLE_NAME, COALESCE(TABLE_SCHEMA = DATABASE(), FALSE)
            FROM information_schema.TABLES
            WHERE TABLE_SCHEMA NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys')""";

    private static final String ENGINE =
            "SELECT COALESCE(ENGINE, TABLE_TYPE) FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?";

    private static final String COLUMNS = """
            SELECT COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, IS_NULLABLE, COLUMN_DEFAULT, EXTRA, CHARACTER_MAXIMUM_LENGTH,
                   NUMERIC_PRECISION, NUMERIC_SCALE, DATETIME_PRECISION, CHARACTER_SET_NAME, COLLATION_NAME
            FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION""";

    private static final String KEY = """
            SELECT COLUMN_NAME, SUB_PART FROM information_schema.STATISTICS
            WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND INDEX_NAME = 'PRIMARY' ORDER BY SEQ_IN_INDEX""";

    private static final String REFERENCES = """
            SELECT DISTINCT REFERENCED_TABLE_SCHEMA, REFERENCED_TABLE_NAME,
                   COALESCE(REFERENCED_TABLE_SCHEMA = DATABASE(), FALSE)
            FROM information_schema.KEY_COLUMN_USAGE
            WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND REFERENCED_TABLE_NAME IS NOT NULL
              AND NOT (REFERENCED_TABLE_SCHEMA = TABLE_SCHEMA AND REFERENCED_TABLE_NAME = TABLE_NAME)
            ORDER BY 1, 2""";

    private static final Pattern ZERO = Pattern.compile("'?0+(\\.0+)?'?");

    /** The others take texts for equal that differ in case, in accents, or (all that pad) in trailing spaces. */
    private static final Set<String> EXACT = Set.of("utf8mb4_nopad_bin", "utf8mb4_0900_bin");

    private final Session session;
    private final MariaDbDialect dialect;

    MariaDbCatalog(Session session, MariaDbDialect dialect) {
        this.session = session;
        this.dialect = dialect;
    }

    JdbcTable describe(String name) throws SQLException {
        TableNames.Match match = TableNames.resolve(name, session.query(TABLES, MariaDbCatalog::candidate));
        TableNames.Candidate table = match.table();
        requireInnoDb(table);

        Set<String> prefixed = new HashSet<>();
        List<String> key = session.query(KEY, row -> keyColumn(row, prefixed), table.schema(), table.table());
        Map<String, Column> columns = new LinkedHashMap<>();
        Map<String, String> types = new LinkedHashMap<>();
        session.query(
                COLUMNS,
                row -> {
                    String column = row.getString("COLUMN_NAME");
                    ColumnType type = prefixed.contains(column) ? prefix(row) : type(row);
                    if (key.contains(column) && type instanceof ColumnType.Moment)
                        type = new ColumnType.Unsupported("timestamp in a primary key");
                    columns.put(
                            column,
                            new Column(column, type, "YES".equals(row.getString("IS_NULLABLE")), absent(row, type)));
                    types.put(column, transport(row));
                    return column;
                },
                table.schema(),
                table.table());
        List<String> references =
                session.query(REFERENCES, MariaDbCatalog::candidate, table.schema(), table.table()).stream()
                        .map(it -> it.spelled(match.withSchema()))
                        .toList();

        String sqlName = dialect.quote(table.schema()) + "." + dialect.quote(table.table());
        return new JdbcTable(new TableInfo(match.name(), key, columns, references), sqlName, types);
    }

    private void requireInnoDb(TableNames.Candidate table) throws SQLException {
        String engine = session.first(ENGINE, row -> row.getString(1), table.schema(), table.table())
                .orElse("");
        if (!engine.equalsIgnoreCase("InnoDB"))
            throw new IllegalArgumentException("the table " + table.qualified() + " is stored as " + engine
                    + ", which cannot take back what it wrote: Forebay needs InnoDB");
    }

    private static String keyColumn(ResultSet row, Set<String> prefixed) throws SQLException {
        String column = row.getString("COLUMN_NAME");
        if (row.getObject("SUB_PART") != null) prefixed.add(column);
        return column;
    }

    private static TableNames.Candidate candidate(ResultSet row) throws SQLException {
        return new TableNames.Candidate(row.getString(1), row.getString(2), row.getBoolean(3), 0);
    }

    private static Column.Absent absent(ResultSet row, ColumnType type) throws SQLException {
        String extra = row.getString("EXTRA");
        if (extra != null && (extra.contains("auto_increment") || extra.contains("GENERATED")))
            return Column.Absent.DATABASE;
        String fallback = row.getString("COLUMN_DEFAULT");
        if (fallback == null || fallback.equals("NULL")) return Column.Absent.NULL;
        return type.counts() && ZERO.matcher(fallback).matches() ? Column.Absent.ZERO : Column.Absent.DATABASE;
    }

    /** The type as JSON_TABLE takes it for a key, which must compare as the column does. */
    private static String transport(ResultSet row) throws SQLException {
        String charset = row.getString("CHARACTER_SET_NAME");
        if (charset == null) return row.getString("COLUMN_TYPE");
        return row.getString("DATA_TYPE").endsWith("char")
                ? "VARCHAR(" + length(row) + ") CHARACTER SET " + charset + " COLLATE "
                        + row.getString("COLLATION_NAME")
                : "LONGTEXT CHARACTER SET " + charset + " COLLATE " + row.getString("COLLATION_NAME");
    }

    private static ColumnType prefix(ResultSet row) throws SQLException {
        return new ColumnType.Unsupported("a prefix of " + row.getString("COLUMN_TYPE") + " as a key");
    }

    private static ColumnType type(ResultSet row) throws SQLException {
        String name = row.getString("DATA_TYPE");
        String full = row.getString("COLUMN_TYPE");
        boolean unsigned = full.contains("unsigned");
        if (full.startsWith("tinyint(1)") && !unsigned) return new ColumnType.Bool();
        return switch (name) {
            case "tinyint" -> whole(8, unsigned);
            case "smallint" -> whole(16, unsigned);
            case "mediumint" -> whole(24, unsigned);
            case "int" -> whole(32, unsigned);
            case "bigint" -> unsigned ? new ColumnType.Whole(0, Long.MAX_VALUE) : whole(64, false);
            case "decimal" -> new ColumnType.Decimal(row.getInt("NUMERIC_PRECISION"), row.getInt("NUMERIC_SCALE"));
            case "float", "double" -> floating(name, full);
            case "char" -> text(length(row), true, "a char loses trailing spaces");
            case "varchar" -> text(length(row), false, keyProblem(row.getString("COLLATION_NAME")));
            case "tinytext", "text", "mediumtext", "longtext" -> text(0, false, "a long text is no key");
            case "binary", "varbinary" -> new ColumnType.Binary(length(row));
            case "tinyblob", "blob", "mediumblob", "longblob" -> new ColumnType.Binary(0);
            case "date" -> new ColumnType.Date();
            case "time" -> new ColumnType.Time(row.getInt("DATETIME_PRECISION"));
            case "datetime" -> new ColumnType.Timestamp(row.getInt("DATETIME_PRECISION"));
            case "timestamp" -> new ColumnType.Moment(row.getInt("DATETIME_PRECISION"));
            case "uuid" -> new ColumnType.Uuid();
            case "json" -> new ColumnType.Json();
            default -> new ColumnType.Unsupported(name);
        };
    }

    private static ColumnType whole(int bits, boolean unsigned) {
        return unsigned
                ? new ColumnType.Whole(0, (1L << bits) - 1)
                : new ColumnType.Whole(Long.MIN_VALUE >> 64 - bits, Long.MAX_VALUE >> 64 - bits);
    }

    /** {@code float(7,2)} rounds what it is given. */
    private static ColumnType floating(String name, String full) {
        return full.contains("(") ? new ColumnType.Unsupported(full) : new ColumnType.Floating(name.equals("float"));
    }

    private static ColumnType text(int length, boolean padded, String keyProblem) {
        return new ColumnType.Text(length, padded, true, keyProblem);
    }

    private static String keyProblem(@Nullable String collation) {
        if (collation != null && EXACT.contains(collation)) return "";
        return "its collation " + collation + " takes different texts for equal; utf8mb4_nopad_bin (MariaDB) and"
                + " utf8mb4_0900_bin (MySQL) do not";
    }

    private static int length(ResultSet row) throws SQLException {
        return row.getInt("CHARACTER_MAXIMUM_LENGTH");
    }
}
