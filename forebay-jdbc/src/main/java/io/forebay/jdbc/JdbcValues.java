package io.forebay.jdbc;

import io.forebay.spi.Bytes;
import io.forebay.spi.ColumnType;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Values between Forebay and JDBC. */
final class JdbcValues {
    private JdbcValues() {}

    /** The value as {@link java.sql.PreparedStatement#setObject} takes it. */
    static @Nullable Object toJdbc(@Nullable Object value) {
        if (value instanceof Bytes bytes) return bytes.toArray();
        if (value instanceof Instant instant) return OffsetDateTime.ofInstant(instant, ZoneOffset.UTC);
        return value;
    }

    /**
     * Reads a column, normalised. What the database can hold and Forebay cannot write ({@code infinity}, a year before
     * 1) is returned as the driver gives it.
     */
    static @Nullable Object read(ResultSet row, int index, ColumnType type) throws SQLException {
        Object value = raw(row, index, type);
        if (value == null || row.wasNull()) return null;
        try {
            return type.normalise(value);
        } catch (IllegalArgumentException e) {
            return value;
        }
    }

    static @Nullable Object raw(ResultSet row, int index, ColumnType type) throws SQLException {
        if (type instanceof ColumnType.Whole) return row.getLong(index);
        if (type instanceof ColumnType.Decimal) return row.getBigDecimal(index);
        if (type instanceof ColumnType.Floating) return row.getDouble(index);
        if (type instanceof ColumnType.Bool) return row.getBoolean(index);
        if (type instanceof ColumnType.Binary) return row.getBytes(index);
        if (type instanceof ColumnType.Date) return row.getObject(index, LocalDate.class);
        if (type instanceof ColumnType.Time) return row.getObject(index, LocalTime.class);
        if (type instanceof ColumnType.Timestamp) return row.getObject(index, LocalDateTime.class);
        if (type instanceof ColumnType.Moment) return row.getObject(index, OffsetDateTime.class);
        if (type instanceof ColumnType.Uuid) return row.getObject(index, UUID.class);
        return row.getString(index);
    }
}
