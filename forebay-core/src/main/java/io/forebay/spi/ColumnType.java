package io.forebay.spi;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.time.temporal.Temporal;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a column holds, and how a value is normalised to it before it is merged, so that a value that is still pending
 * reads as it will read from the database. Immutable.
 */
public sealed interface ColumnType {
    /**
     * Brings a value into the one form this column holds.
     *
     * @param value not null
     * @return a value of the class named at the type
     * @throws IllegalArgumentException if the value does not fit; the message says what would
     */
    Object normalise(Object value);

    /** Whether increments make sense here. */
    default boolean counts() {
        return false;
    }

    /** Whether {@code max} and {@code min} make sense here: the database orders these values as Java does. */
    default boolean ordered() {
        return false;
    }

    /** Why the type cannot be part of a row key, or an empty string if it can. */
    default String keyProblem() {
        return "";
    }

    /** Whole numbers in [{@code min}, {@code max}], held as {@link Long}. */
    record Whole(long min, long max) implements ColumnType {
        @Override
        public Object normalise(Object value) {
            long whole;
            if (value instanceof Long || value instanceof Integer || value instanceof Short || value instanceof Byte) {
                whole = ((Number) value).longValue();
            } else if (value instanceof BigInteger || value instanceof BigDecimal) {
                whole = exact(new BigDecimal(value.toString()));
            } else {
                throw misfit(value, "a whole number");
            }
            if (whole < min || whole > max) throw misfit(value, "between " + min + " and " + max);
            return whole;
        }

        private long exact(BigDecimal value) {
            try {
                return value.longValueExact();
            } catch (ArithmeticException e) {
                throw misfit(value, "a whole number between " + min + " and " + max, e);
            }
        }

        @Override
        public boolean counts() {
            return true;
        }

        @Override
        public boolean ordered() {
            return true;
        }
    }

    /**
     * Decimal numbers held as {@link BigDecimal} with exactly {@code scale} digits after the point; {@code precision} 0
     * means unlimited: up to 10,000 digits before and after the point, trailing zeros cut.
     */
    record Decimal(int precision, int scale) implements ColumnType {
        private static final int MAX_DIGITS = 10_000;

        @Override
        public Object normalise(Object value) {
            BigDecimal decimal;
            if (value instanceof BigDecimal given) decimal = given;
            else if (value instanceof BigInteger given) decimal = new BigDecimal(given);
            else if (value instanceof Long
                    || value instanceof Integer
                    || value instanceof Short
                    || value instanceof Byte) decimal = BigDecimal.valueOf(((Number) value).longValue());
            else throw misfit(value, "a BigDecimal or a whole number");

            int digits = precision == 0 ? MAX_DIGITS : precision - scale;
            if ((long) decimal.precision() - decimal.scale() > digits && decimal.signum() != 0)
                throw misfit(value, "at most " + digits + " digits before the point");
            if (precision == 0) return unlimited(decimal);
            try {
                decimal = decimal.setScale(scale, RoundingMode.UNNECESSARY);
            } catch (ArithmeticException e) {
                throw misfit(value, "at most " + scale + " digits after the point", e);
            }
            return decimal;
        }

        private static BigDecimal unlimited(BigDecimal value) {
            if (value.scale() > MAX_DIGITS) throw misfit(value, "at most " + MAX_DIGITS + " digits after the point");
            BigDecimal stripped = value.stripTrailingZeros();
            return stripped.scale() < 0 ? stripped.setScale(0) : stripped;
        }

        @Override
        public boolean counts() {
            return true;
        }

        @Override
        public boolean ordered() {
            return true;
        }
    }

    /** Binary floating point held as {@link Double}; {@code single} means rounded to 32 bits. Sums are not associative. */
    record Floating(boolean single) implements ColumnType {
        @Override
        public Object normalise(Object value) {
            if (!(value instanceof Number number) || value instanceof BigDecimal || value instanceof BigInteger)
                throw misfit(value, "a double, a float or a whole number");
            double given = number.doubleValue();
            if (!Double.isFinite(given)) throw misfit(value, "a finite number");
            if (!single) return given;
            float rounded = (float) given;
            if (Float.isInfinite(rounded)) throw misfit(value, "within the range of a float");
            return (double) rounded;
        }

        @Override
        public boolean counts() {
            return true;
        }

        @Override
        public boolean ordered() {
            return true;
        }

        @Override
        public String keyProblem() {
            return "binary floating point is not exact";
        }
    }

    /** True or false, held as {@link Boolean}. */
    record Bool() implements ColumnType {
        @Override
        public Object normalise(Object value) {
            if (value instanceof Boolean) return value;
            throw misfit(value, "a boolean");
        }
    }

    /**
     * Text held as {@link String}.
     *
     * @param maxLength most characters (code points); 0 means unlimited
     * @param padded whether the database pads it with spaces to {@code maxLength}
     * @param zeroAllowed whether the character U+0000 can be stored
     * @param keyProblem why the column cannot be part of a row key (case-insensitive, non-deterministic collation), or
     *     empty
     */
    record Text(int maxLength, boolean padded, boolean zeroAllowed, String keyProblem) implements ColumnType {
        @Override
        public Object normalise(Object value) {
            if (!(value instanceof CharSequence || value instanceof Character || value instanceof Enum<?>))
                throw misfit(value, "a String");
            String text = value instanceof Enum<?> constant ? constant.name() : value.toString();
            checkEncodable(text);
            if (!zeroAllowed && text.indexOf('\0') >= 0)
                throw new IllegalArgumentException("a text with the character U+0000 cannot be stored in this column");
            if (maxLength == 0) return text;
            int length = text.codePointCount(0, text.length());
            if (length > maxLength)
                throw new IllegalArgumentException(
                        "a text of " + length + " characters does not fit, at most " + maxLength + " do");
            return padded ? text + " ".repeat(maxLength - length) : text;
        }
    }

    /** Bytes held as {@link Bytes}; {@code maxLength} 0 means unlimited. */
    record Binary(int maxLength) implements ColumnType {
        @Override
        public Object normalise(Object value) {
            Bytes bytes;
            if (value instanceof byte[] given) bytes = Bytes.copyOf(given);
            else if (value instanceof Bytes given) bytes = given;
            else throw misfit(value, "a byte[]");
            if (maxLength > 0 && bytes.size() > maxLength)
                throw new IllegalArgumentException(bytes.size() + " bytes do not fit, at most " + maxLength + " do");
            return bytes;
        }
    }

    /** A day, held as {@link LocalDate}. */
    record Date() implements ColumnType {
        @Override
        public Object normalise(Object value) {
            if (!(value instanceof LocalDate date)) throw misfit(value, "a LocalDate");
            checkYear(date.getYear(), value);
            return value;
        }

        @Override
        public boolean ordered() {
            return true;
        }
    }

    /** A time of day, held as {@link LocalTime}, cut to {@code digits} (0 to 9) of a second. */
    record Time(int digits) implements ColumnType {
        @Override
        public Object normalise(Object value) {
            if (value instanceof LocalTime time) return truncate(time, digits);
            throw misfit(value, "a LocalTime");
        }

        @Override
        public boolean ordered() {
            return true;
        }
    }

    /** Date and time without a zone, held as {@link LocalDateTime}, cut to {@code digits} (0 to 9) of a second. */
    record Timestamp(int digits) implements ColumnType {
        @Override
        public Object normalise(Object value) {
            if (!(value instanceof LocalDateTime timestamp)) throw misfit(value, "a LocalDateTime");
            checkYear(timestamp.getYear(), value);
            return truncate(timestamp, digits);
        }

        @Override
        public boolean ordered() {
            return true;
        }
    }

    /** A moment, held as {@link Instant}, cut to {@code digits} (0 to 9) of a second. The zone given is not kept. */
    record Moment(int digits) implements ColumnType {
        @Override
        public Object normalise(Object value) {
            Instant instant;
            if (value instanceof Instant given) instant = given;
            else if (value instanceof OffsetDateTime given) instant = given.toInstant();
            else if (value instanceof ZonedDateTime given) instant = given.toInstant();
            else throw misfit(value, "an Instant, OffsetDateTime or ZonedDateTime");
            if (instant.isBefore(MIN_MOMENT) || instant.isAfter(MAX_MOMENT))
                throw misfit(value, "in the years 1 to 9999");
            return truncate(instant, digits);
        }

        @Override
        public boolean ordered() {
            return true;
        }
    }

    /** A UUID, held as {@link java.util.UUID}. */
    record Uuid() implements ColumnType {
        @Override
        public Object normalise(Object value) {
            if (value instanceof UUID) return value;
            throw misfit(value, "a UUID");
        }
    }

    /** JSON text, held as {@link String}. A database may format it anew: compare it as JSON, not as text. */
    record Json() implements ColumnType {
        @Override
        public Object normalise(Object value) {
            if (!(value instanceof CharSequence)) throw misfit(value, "a String of JSON");
            String text = value.toString();
            checkEncodable(text);
            return text;
        }

        @Override
        public String keyProblem() {
            return "JSON has several spellings of one value";
        }
    }

    /**
     * A whole document, held as {@link Bytes}: the one column of a collection beside its key.
     *
     * @param form name of the {@link DocumentAlgebra} that knows its bytes
     */
    record Document(String form) implements ColumnType {
        @Override
        public Object normalise(Object value) {
            if (value instanceof Bytes) return value;
            throw misfit(value, "a document as Bytes");
        }

        @Override
        public String keyProblem() {
            return "a document has a key of its own";
        }

        /** The algebra of that name; {@link DocumentAlgebras#named} says what is thrown where there is none. */
        public DocumentAlgebra algebra() {
            return DocumentAlgebras.named(form);
        }
    }

    /**
     * The key of a document, held as {@link Bytes}: its canonical form. A value that is {@link Bytes} has it already.
     *
     * @param form name of the {@link DocumentAlgebra} that knows its bytes
     */
    record DocumentKey(String form) implements ColumnType {
        @Override
        public Object normalise(Object value) {
            return value instanceof Bytes ? value : DocumentAlgebras.named(form).key(value);
        }
    }

    /** A type Forebay does not write or read; the column may exist as long as nobody names it. */
    record Unsupported(String databaseType) implements ColumnType {
        @Override
        public Object normalise(Object value) {
            throw new IllegalArgumentException("its type " + databaseType + " is not supported");
        }

        @Override
        public String keyProblem() {
            return "its type " + databaseType + " is not supported";
        }
    }

    /** First moment that can be stored: year 1, UTC. */
    Instant MIN_MOMENT = Instant.parse("0001-01-01T00:00:00Z");
    /** Last moment that can be stored: year 9999, UTC. */
    Instant MAX_MOMENT = Instant.parse("9999-12-31T23:59:59.999999999Z");

    private static long powerOfTen(int exponent) {
        long power = 1;
        for (int i = 0; i < exponent; i++) power *= 10;
        return power;
    }

    private static void checkYear(int year, Object value) {
        if (year < 1 || year > 9999) throw misfit(value, "in the years 1 to 9999");
    }

    private static Temporal truncate(Temporal value, int digits) {
        long step = powerOfTen(9 - digits);
        return value.minus(value.get(ChronoField.NANO_OF_SECOND) % step, ChronoUnit.NANOS);
    }

    private static void checkEncodable(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!Character.isSurrogate(c)) continue;
            if (!Character.isHighSurrogate(c) || ++i == text.length() || !Character.isLowSurrogate(text.charAt(i)))
                throw new IllegalArgumentException("the text holds half of a surrogate pair, which cannot be stored");
        }
    }

    private static IllegalArgumentException misfit(Object value, String expected) {
        return misfit(value, expected, null);
    }

    private static IllegalArgumentException misfit(Object value, String expected, @Nullable Throwable cause) {
        String shown = value instanceof Number || value instanceof Temporal ? " " + value : "";
        return new IllegalArgumentException(
                "a " + value.getClass().getSimpleName() + shown + " does not fit, expected " + expected, cause);
    }
}
