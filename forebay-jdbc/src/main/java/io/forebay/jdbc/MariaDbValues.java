package io.forebay.jdbc;

import io.forebay.spi.Bytes;
import io.forebay.spi.ColumnType;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Values between Forebay and MariaDB or MySQL. Times and UUIDs travel as text: drivers shift the ones between zones, and
 * MySQL's reads MariaDB's UUIDs wrongly. Moments are read as seconds since 1970, which no session's zone changes.
 */
final class MariaDbValues {
    private static final BigDecimal NANOS = BigDecimal.valueOf(1_000_000_000L);

    private MariaDbValues() {}

    /** The value within a row of {@link JsonRows}. */
    static @Nullable Object toJson(@Nullable Object value) {
        if (value instanceof Bytes bytes) return Base64.getEncoder().encodeToString(bytes.toArray());
        if (value instanceof BigDecimal decimal) return decimal.toPlainString();
        return text(value);
    }

    static @Nullable Object toJdbc(@Nullable Object value) {
        return value instanceof Bytes bytes ? bytes.toArray() : text(value);
    }

    private static @Nullable Object text(@Nullable Object value) {
        if (value instanceof Instant instant) return text(LocalDateTime.ofInstant(instant, ZoneOffset.UTC));
        if (value instanceof LocalDateTime stamp) return stamp.toLocalDate() + " " + stamp.toLocalTime();
        if (value instanceof LocalDate || value instanceof LocalTime || value instanceof UUID) return value.toString();
        return value;
    }

    static String selected(String column, ColumnType type) {
        if (type instanceof ColumnType.Floating floating && floating.single()) return "CAST(" + column + " AS DOUBLE)";
        if (type instanceof ColumnType.Moment) return "UNIX_TIMESTAMP(" + column + ")";
        return travelsAsText(type) ? "CAST(" + column + " AS CHAR)" : column;
    }

    static @Nullable Object read(ResultSet row, int index, ColumnType type) throws SQLException {
        Object value = raw(row, index, type);
        if (value == null || row.wasNull()) return null;
        try {
            return type.normalise(parsed(value, type));
        } catch (IllegalArgumentException | DateTimeException e) {
            return value; // a zero date, an hour beyond 23, a bigint unsigned beyond Java's long
        }
    }

    private static @Nullable Object raw(ResultSet row, int index, ColumnType type) throws SQLException {
        if (type instanceof ColumnType.Whole || type instanceof ColumnType.Decimal || type instanceof ColumnType.Moment)
            return row.getBigDecimal(index);
        if (travelsAsText(type)) return row.getString(index);
        return JdbcValues.raw(row, index, type);
    }

    private static Object parsed(Object value, ColumnType type) {
        if (type instanceof ColumnType.Moment && value instanceof BigDecimal seconds) return instant(seconds);
        if (type instanceof ColumnType.Date) return LocalDate.parse(value.toString());
        if (type instanceof ColumnType.Time) return LocalTime.parse(value.toString());
        if (type instanceof ColumnType.Timestamp)
            return LocalDateTime.parse(value.toString().replace(' ', 'T'));
        if (type instanceof ColumnType.Uuid) return UUID.fromString(value.toString());
        return value;
    }

    private static Instant instant(BigDecimal seconds) {
        BigDecimal[] parts = seconds.divideAndRemainder(BigDecimal.ONE);
        return Instant.ofEpochSecond(
                parts[0].longValueExact(), parts[1].multiply(NANOS).longValueExact());
    }

    private static boolean travelsAsText(ColumnType type) {
        return type instanceof ColumnType.Date
                || type instanceof ColumnType.Time
                || type instanceof ColumnType.Timestamp
                || type instanceof ColumnType.Uuid;
    }
}
