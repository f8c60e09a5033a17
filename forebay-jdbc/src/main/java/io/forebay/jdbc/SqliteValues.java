package io.forebay.jdbc;

import io.forebay.spi.Bytes;
import io.forebay.spi.ColumnType;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Values between Forebay and SQLite. Dates, times and UUIDs are texts ({@code 2026-11-21 12:00:00.000000}, moments in UTC
 * with a {@code Z} at the end), the ones SQLite's own functions take; booleans are 1 and 0; decimals are whole numbers, or
 * the double that is nearest.
 */
final class SqliteValues {
    /** What is read of a double: its first 15 decimal digits are those that were given. */
    private static final MathContext EXACT = new MathContext(15, RoundingMode.HALF_EVEN);

    private SqliteValues() {}

    /** A value that needs no column to say how it is written: those that can be keys. */
    static @Nullable Object toJdbc(@Nullable Object value) {
        if (value instanceof Boolean bool) return bool ? 1L : 0L;
        if (value instanceof Bytes bytes) return bytes.toArray();
        if (value instanceof BigDecimal decimal) return number(decimal);
        if (value instanceof LocalDate || value instanceof UUID) return value.toString();
        return value;
    }

    /** A normalised value of the column. */
    static @Nullable Object toJdbc(ColumnType type, @Nullable Object value) {
        if (type instanceof ColumnType.Time time && value instanceof LocalTime given)
            return clock(time.digits()).format(given);
        if (type instanceof ColumnType.Timestamp stamp && value instanceof LocalDateTime given)
            return text(given, stamp.digits());
        if (type instanceof ColumnType.Moment moment && value instanceof Instant given)
            return text(LocalDateTime.ofInstant(given, ZoneOffset.UTC), moment.digits()) + "Z";
        return toJdbc(value);
    }

    /** Reads a column, normalised; what another program stored in a form that is not the column's comes as the driver gives it. */
    static @Nullable Object read(ResultSet row, int index, ColumnType type) throws SQLException {
        Object value = row.getObject(index);
        if (value == null) return null;
        try {
            return type.normalise(parsed(value, type));
        } catch (IllegalArgumentException | DateTimeException e) {
            return value;
        }
    }

    private static Object parsed(Object value, ColumnType type) {
        if (type instanceof ColumnType.Bool && value instanceof Integer bit && (bit == 0 || bit == 1)) return bit == 1;
        if (type instanceof ColumnType.Decimal && value instanceof Double number)
            return plain(new BigDecimal(number).round(EXACT));
        if (!(value instanceof String text)) return value;
        if (type instanceof ColumnType.Date) return LocalDate.parse(text);
        if (type instanceof ColumnType.Time) return LocalTime.parse(text);
        if (type instanceof ColumnType.Timestamp) return LocalDateTime.parse(iso(text));
        if (type instanceof ColumnType.Moment) return moment(iso(text));
        if (type instanceof ColumnType.Uuid) return UUID.fromString(text);
        return value;
    }

    /** Without the zeros that rounding has put behind it. */
    private static BigDecimal plain(BigDecimal number) {
        BigDecimal stripped = number.stripTrailingZeros();
        return stripped.scale() < 0 ? stripped.setScale(0) : stripped;
    }

    private static Object number(BigDecimal decimal) {
        BigDecimal plain = plain(decimal);
        return plain.scale() == 0 ? (Object) plain.longValueExact() : (Object) plain.doubleValue();
    }

    private static String text(LocalDateTime value, int digits) {
        return value.toLocalDate() + " " + clock(digits).format(value.toLocalTime());
    }

    private static DateTimeFormatter clock(int digits) {
        return new DateTimeFormatterBuilder()
                .appendPattern("HH:mm:ss")
                .appendFraction(ChronoField.NANO_OF_SECOND, digits, digits, true)
                .toFormatter(Locale.ROOT);
    }

    private static String iso(String text) {
        return text.replace(' ', 'T');
    }

    /** SQLite's own functions know no zone but UTC, and do not write it. */
    private static Instant moment(String text) {
        boolean hasZone = text.endsWith("Z") || text.lastIndexOf('+') > 0 || text.lastIndexOf('-') > text.indexOf('T');
        return hasZone
                ? OffsetDateTime.parse(text).toInstant()
                : LocalDateTime.parse(text).toInstant(ZoneOffset.UTC);
    }
}
