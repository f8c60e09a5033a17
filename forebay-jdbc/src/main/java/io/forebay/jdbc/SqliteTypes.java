package io.forebay.jdbc;

import io.forebay.spi.ColumnType;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a column's declared type means. SQLite itself keeps any value in any column, so that it is Forebay that holds a value
 * to the declared type.
 */
final class SqliteTypes {
    /** A name of words, and one or two numbers behind it: SQLite takes them nowhere else. */
    private static final Pattern DECLARED =
            Pattern.compile("([a-z][a-z0-9_ ]*?)\\s*(?:\\(\\s*(\\d{1,9})\\s*(?:,\\s*(\\d{1,9})\\s*)?\\))?");

    /** A double has this many decimal digits that come back as they were given. */
    private static final int DOUBLE_DIGITS = 15;

    private static final int LONG_DIGITS = 18;
    private static final int MICROSECONDS = 6;

    /** What is stored as a text that has several spellings: one row's key would be two. */
    private static final Set<Class<? extends ColumnType>> NO_KEYS =
            Set.of(ColumnType.Time.class, ColumnType.Timestamp.class, ColumnType.Moment.class);

    private SqliteTypes() {}

    static ColumnType of(String declared) {
        Matcher parts = DECLARED.matcher(declared.strip().toLowerCase(Locale.ROOT));
        if (!parts.matches())
            return new ColumnType.Unsupported(declared.isBlank() ? "without a declared type" : declared);
        String name = parts.group(1).replaceAll("\\s+", " ");
        return of(declared, name, number(parts.group(2), -1), number(parts.group(3), 0));
    }

    /** The same for a column of the primary key. */
    static ColumnType ofKey(String declared) {
        ColumnType type = of(declared);
        boolean isFraction = type instanceof ColumnType.Decimal decimal && decimal.scale() > 0;
        return isFraction || NO_KEYS.contains(type.getClass())
                ? new ColumnType.Unsupported(declared + " in a primary key")
                : type;
    }

    private static ColumnType of(String declared, String name, int length, int scale) {
        return switch (name) {
            case "integer", "int", "bigint", "int8", "long" -> whole(64);
            case "mediumint" -> whole(24);
            case "int4" -> whole(32);
            case "smallint", "int2" -> whole(16);
            case "tinyint" -> whole(8);
            case "real", "double", "double precision", "float" -> new ColumnType.Floating(false);
            case "boolean", "bool" -> new ColumnType.Bool();
            case "numeric", "decimal" -> decimal(declared, length, scale);
            case "text", "clob", "char", "character", "varchar", "character varying", "nchar", "nvarchar" ->
                new ColumnType.Text(Math.max(length, 0), false, true, "");
            case "blob", "binary", "varbinary" -> new ColumnType.Binary(Math.max(length, 0));
            case "date" -> new ColumnType.Date();
            case "time" -> digits(length) > 9 ? unsupported(declared) : new ColumnType.Time(digits(length));
            case "timestamp", "datetime" ->
                digits(length) > 9 ? unsupported(declared) : new ColumnType.Timestamp(digits(length));
            case "timestamptz", "timestamp with time zone" ->
                digits(length) > 9 ? unsupported(declared) : new ColumnType.Moment(digits(length));
            case "uuid" -> new ColumnType.Uuid();
            default -> unsupported(declared);
        };
    }

    private static ColumnType whole(int bits) {
        return new ColumnType.Whole(Long.MIN_VALUE >> 64 - bits, Long.MAX_VALUE >> 64 - bits);
    }

    /** SQLite keeps a fraction as a double, and a whole number as 64 bits. */
    private static ColumnType decimal(String declared, int precision, int scale) {
        int exact = scale == 0 ? LONG_DIGITS : DOUBLE_DIGITS;
        return precision < 1 || precision > exact || scale > precision
                ? unsupported(declared)
                : new ColumnType.Decimal(precision, scale);
    }

    private static ColumnType unsupported(String declared) {
        return new ColumnType.Unsupported(declared);
    }

    private static int digits(int given) {
        return given < 0 ? MICROSECONDS : given;
    }

    private static int number(@Nullable String digits, int otherwise) {
        return digits == null ? otherwise : Integer.parseInt(digits);
    }
}
