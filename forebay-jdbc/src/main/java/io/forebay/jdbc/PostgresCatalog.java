package io.forebay.jdbc;

import io.forebay.spi.Column;
import io.forebay.spi.ColumnType;
import io.forebay.spi.TableInfo;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What PostgreSQL's catalog says of a table. */
final class PostgresCatalog {
    private static final String TABLES = """
            SELECT n.nspname, c.relname, pg_catalog.pg_table_is_visible(c.oid), c.oid
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p', 'v', 'f') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'""";

    private static final String COLUMNS = """
            SELECT a.attname, a.atttypmod, a.attnotnull, a.attidentity, a.attgenerated,
                   pg_catalog.pg_get_expr(d.adbin, d.adrelid) AS fallback,
                   t.typtype, t.typtypmod, t.typnotnull, t.typdefault,
                   b.typname, bn.nspname, coalesce(l.collisdeterministic, true) AS deterministic
            FROM pg_catalog.pg_attribute a
            JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
            JOIN pg_catalog.pg_type b ON b.oid = CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.oid END
            JOIN pg_catalog.pg_namespace bn ON bn.oid = b.typnamespace
            LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
            LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation
            WHERE a.attrelid = CAST(? AS oid) AND a.attnum > 0 AND NOT a.attisdropped
            ORDER BY a.attnum""";

    private static final String KEY = """
            SELECT a.attname
            FROM pg_catalog.pg_index i
            CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, ord)
            JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
            WHERE i.indrelid = CAST(? AS oid) AND i.indisprimary AND k.ord <= i.indnkeyatts
            ORDER BY k.ord""";

    /** COPY overrules an identity that is always made, passes rules by, and is refused under row-level security. */
    private static final String COPIES = """
            SELECT true FROM pg_catalog.pg_class c
            WHERE c.oid = CAST(? AS oid) AND c.relkind IN ('r', 'p') AND NOT c.relhasrules AND NOT c.relrowsecurity
              AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attidentity = 'a')""";

    private static final String REFERENCES = """
            SELECT DISTINCT n.nspname, c.relname, pg_catalog.pg_table_is_visible(c.oid), c.oid
            FROM pg_catalog.pg_constraint k
            JOIN pg_catalog.pg_class c ON c.oid = k.confrelid
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE k.conrelid = CAST(? AS oid) AND k.contype = 'f' AND c.oid <> k.conrelid
            ORDER BY 1, 2""";

    /** A literal zero, perhaps quoted and cast: {@code 0}, {@code 0.00}, {@code '0'::bigint}, {@code (0)::numeric}. */
    private static final Pattern ZERO = Pattern.compile("[('(]*0+(\\.0+)?[')]*(::[\\w .()]+)?");

    private static final Pattern NULL = Pattern.compile("\\(?NULL\\)?(::.*)?");

    private final Session session;
    private final PostgresDialect dialect;

    PostgresCatalog(Session session, PostgresDialect dialect) {
        this.session = session;
        this.dialect = dialect;
    }

    JdbcTable describe(String name) throws SQLException {
        TableNames.Match match = TableNames.resolve(name, session.query(TABLES, PostgresCatalog::candidate));
        TableNames.Candidate table = match.table();

        Map<String, Column> columns = new LinkedHashMap<>();
        Map<String, String> types = new LinkedHashMap<>();
        session.query(COLUMNS, row -> types.put(row.getString("attname"), castType(row)), table.id());
        for (Column column : session.query(COLUMNS, PostgresCatalog::column, table.id()))
            columns.put(column.name(), column);
        List<String> key = session.query(KEY, row -> row.getString(1), table.id());
        List<String> references = session.query(REFERENCES, PostgresCatalog::candidate, table.id()).stream()
                .map(it -> it.spelled(match.withSchema()))
                .toList();

        String sqlName = dialect.quote(table.schema()) + "." + dialect.quote(table.table());
        boolean copies = session.first(COPIES, row -> true, table.id()).isPresent();
        return new JdbcTable(new TableInfo(match.name(), key, columns, references), sqlName, types, copies);
    }

    private static TableNames.Candidate candidate(ResultSet row) throws SQLException {
        return new TableNames.Candidate(row.getString(1), row.getString(2), row.getBoolean(3), row.getLong(4));
    }

    private static Column column(ResultSet row) throws SQLException {
        ColumnType type = type(row);
        boolean nullable = !row.getBoolean("attnotnull") && !row.getBoolean("typnotnull");
        return new Column(row.getString("attname"), type, nullable, absent(row, type));
    }

    private static Column.Absent absent(ResultSet row, ColumnType type) throws SQLException {
        if (!isBlank(row.getString("attidentity")) || !isBlank(row.getString("attgenerated")))
            return Column.Absent.DATABASE;
        String fallback = row.getString("fallback");
        if (fallback == null) fallback = row.getString("typdefault");
        if (fallback == null || NULL.matcher(fallback).matches()) return Column.Absent.NULL;
        return type.counts() && ZERO.matcher(fallback).matches() ? Column.Absent.ZERO : Column.Absent.DATABASE;
    }

    private static boolean isBlank(@Nullable String text) {
        return text == null || text.isBlank();
    }

    /** The type's name without its length; quoted with its schema if it is not one of PostgreSQL's own. */
    private String castType(ResultSet row) throws SQLException {
        String schema = row.getString("nspname");
        String type = row.getString("typname");
        return schema.equals("pg_catalog") ? type : dialect.quote(schema) + "." + dialect.quote(type);
    }

    private static ColumnType type(ResultSet row) throws SQLException {
        int modifier = row.getInt("d".equals(row.getString("typtype")) ? "typtypmod" : "atttypmod");
        String name = row.getString("typname");
        boolean deterministic = row.getBoolean("deterministic");
        if (name.equals("citext")) return text(0, "citext is case-insensitive");
        if (!"pg_catalog".equals(row.getString("nspname"))) return new ColumnType.Unsupported(name);
        String collation = deterministic ? "" : "its collation takes different texts for equal";
        return switch (name) {
            case "int2" -> new ColumnType.Whole(Short.MIN_VALUE, Short.MAX_VALUE);
            case "int4" -> new ColumnType.Whole(Integer.MIN_VALUE, Integer.MAX_VALUE);
            case "int8" -> new ColumnType.Whole(Long.MIN_VALUE, Long.MAX_VALUE);
            case "numeric" -> numeric(modifier);
            case "float4" -> new ColumnType.Floating(true);
            case "float8" -> new ColumnType.Floating(false);
            case "bool" -> new ColumnType.Bool();
            case "text" -> text(0, collation);
            case "varchar" -> text(Math.max(0, modifier - 4), collation);
            case "bpchar" ->
                modifier > 4
                        ? new ColumnType.Text(modifier - 4, true, false, collation)
                        : text(0, "it takes texts for equal that differ in trailing spaces");
            case "bytea" -> new ColumnType.Binary(0);
            case "date" -> new ColumnType.Date();
            case "time" -> new ColumnType.Time(digits(modifier));
            case "timestamp" -> new ColumnType.Timestamp(digits(modifier));
            case "timestamptz" -> new ColumnType.Moment(digits(modifier));
            case "uuid" -> new ColumnType.Uuid();
            case "json", "jsonb" -> new ColumnType.Json();
            default -> new ColumnType.Unsupported(name);
        };
    }

    private static ColumnType text(int length, String keyProblem) {
        return new ColumnType.Text(length, false, false, keyProblem);
    }

    private static ColumnType numeric(int modifier) {
        if (modifier < 4) return new ColumnType.Decimal(0, 0);
        int precision = (modifier - 4) >> 16 & 0xffff;
        int scale = ((modifier - 4 & 0x7ff) ^ 0x400) - 0x400; // eleven bits, signed
        return scale < 0 || scale > precision
                ? new ColumnType.Unsupported("numeric(" + precision + "," + scale + ")")
                : new ColumnType.Decimal(precision, scale);
    }

    private static int digits(int modifier) {
        return modifier < 0 ? 6 : modifier;
    }
}
