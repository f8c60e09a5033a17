package io.forebay.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.UUID;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;

/** A value is brought into the form its column holds before it is merged, or refused with what would be right. PROTOCOL M2. */
class ColumnTypeTest {
    private static final ColumnType TINY = new ColumnType.Whole(-128, 127);
    private static final ColumnType LONG = new ColumnType.Whole(Long.MIN_VALUE, Long.MAX_VALUE);
    private static final ColumnType MONEY = new ColumnType.Decimal(5, 2);
    private static final ColumnType UNLIMITED = new ColumnType.Decimal(0, 0);
    private static final ColumnType DOUBLE = new ColumnType.Floating(false);
    private static final ColumnType FLOAT = new ColumnType.Floating(true);
    private static final ColumnType TEXT = new ColumnType.Text(3, false, false, "");
    private static final ColumnType PADDED = new ColumnType.Text(3, true, false, "");

    private static AbstractThrowableAssert<?, ?> refused(ColumnType type, Object value) {
        return assertThatThrownBy(() -> type.normalise(value)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whole_numbers_of_any_class_are_longs() {
        for (Object seven : new Object[] {
            (byte) 7,
            (short) 7,
            7,
            7L,
            BigInteger.valueOf(7),
            new BigDecimal("7"),
            new BigDecimal("7.00"),
            new BigDecimal("0.7E1")
        }) assertThat(LONG.normalise(seven)).isEqualTo(7L);
    }

    @Test
    void whole_numbers_end_at_the_edges_of_their_column() {
        assertThat(TINY.normalise(127)).isEqualTo(127L);
        assertThat(TINY.normalise(-128)).isEqualTo(-128L);
        refused(TINY, 128).hasMessageContainingAll("128", "between -128 and 127");
        refused(TINY, -129).hasMessageContainingAll("-129", "between -128 and 127");
        assertThat(LONG.normalise(BigInteger.valueOf(Long.MIN_VALUE))).isEqualTo(Long.MIN_VALUE);
        refused(LONG, BigInteger.ONE.shiftLeft(63)).hasMessageContaining("9223372036854775808");
        refused(LONG, new BigDecimal("1E+1000000000")).hasMessageContaining("whole number");
    }

    @Test
    void what_is_not_whole_is_refused() {
        refused(LONG, new BigDecimal("0.5")).hasMessageContainingAll("0.5", "whole number");
        refused(LONG, 1.0).hasMessageContainingAll("Double", "1.0", "whole number");
        refused(LONG, "1").hasMessageContainingAll("String", "whole number").hasMessageNotContaining(" 1 ");
        refused(LONG, true).hasMessageContaining("Boolean");
    }

    @Test
    void decimals_get_exactly_the_scale_of_their_column() {
        assertThat(MONEY.normalise(new BigDecimal("1.5"))).isEqualTo(new BigDecimal("1.50"));
        assertThat(MONEY.normalise(new BigDecimal("1.5000"))).isEqualTo(new BigDecimal("1.50"));
        assertThat(MONEY.normalise(3)).isEqualTo(new BigDecimal("3.00"));
        assertThat(MONEY.normalise(BigInteger.TEN)).isEqualTo(new BigDecimal("10.00"));
        assertThat(MONEY.normalise(0L)).isEqualTo(new BigDecimal("0.00"));
    }

    @Test
    void decimals_end_at_their_precision() {
        assertThat(MONEY.normalise(new BigDecimal("-999.99"))).isEqualTo(new BigDecimal("-999.99"));
        refused(MONEY, new BigDecimal("1000")).hasMessageContainingAll("1000", "at most 3 digits before the point");
        refused(MONEY, new BigDecimal("0.001")).hasMessageContainingAll("0.001", "at most 2 digits after the point");
        refused(MONEY, 1.5).hasMessageContainingAll("Double", "BigDecimal");
        assertThat(new ColumnType.Decimal(2, 2).normalise(new BigDecimal("0.99")))
                .isEqualTo(new BigDecimal("0.99"));
        refused(new ColumnType.Decimal(2, 2), BigDecimal.ONE).hasMessageContaining("0 digits before");
    }

    @Test
    void unlimited_decimals_have_one_spelling() {
        assertThat(UNLIMITED.normalise(new BigDecimal("1.500"))).isEqualTo(new BigDecimal("1.5"));
        assertThat(UNLIMITED.normalise(new BigDecimal("1E+2"))).isEqualTo(new BigDecimal("100"));
        assertThat(UNLIMITED.normalise(new BigDecimal("0.00"))).isEqualTo(BigDecimal.ZERO);
    }

    @Test
    void floating_point_is_rounded_to_its_width() {
        assertThat(DOUBLE.normalise(0.1)).isEqualTo(0.1);
        assertThat(DOUBLE.normalise(0.5f)).isEqualTo(0.5);
        assertThat(DOUBLE.normalise(3)).isEqualTo(3.0);
        assertThat(FLOAT.normalise(0.1)).isEqualTo((double) 0.1f);
    }

    @Test
    void floating_point_is_finite() {
        refused(DOUBLE, Double.NaN).hasMessageContainingAll("NaN", "finite");
        refused(DOUBLE, Double.NEGATIVE_INFINITY).hasMessageContaining("finite");
        refused(FLOAT, 1e39).hasMessageContaining("range of a float");
        refused(DOUBLE, BigDecimal.ONE).hasMessageContaining("BigDecimal");
        refused(DOUBLE, "1").hasMessageContaining("String");
    }

    @Test
    void booleans_are_booleans() {
        assertThat(new ColumnType.Bool().normalise(true)).isEqualTo(true);
        refused(new ColumnType.Bool(), 1).hasMessageContainingAll("Integer", "boolean");
    }

    @Test
    void texts_come_as_anything_that_reads_as_one() {
        assertThat(TEXT.normalise(new StringBuilder("ab"))).isEqualTo("ab");
        assertThat(TEXT.normalise('a')).isEqualTo("a");
        assertThat(new ColumnType.Text(0, false, false, "").normalise(DayOfWeek.MONDAY))
                .isEqualTo("MONDAY");
        refused(TEXT, 1).hasMessageContainingAll("Integer", "String");
    }

    @Test
    void texts_are_measured_in_characters_not_in_chars() {
        assertThat(TEXT.normalise("😀😀😀")).isEqualTo("😀😀😀");
        refused(TEXT, "abcd")
                .hasMessageContainingAll("4 characters", "at most 3")
                .hasMessageNotContaining("abcd");
        assertThat(new ColumnType.Text(0, false, false, "").normalise("x".repeat(100_000)))
                .isEqualTo("x".repeat(100_000));
    }

    @Test
    void padded_texts_have_one_length() {
        assertThat(PADDED.normalise("a")).isEqualTo("a  ");
        assertThat(PADDED.normalise("a  ")).isEqualTo("a  ");
        assertThat(PADDED.normalise("😀")).isEqualTo("😀  ");
        assertThat(PADDED.normalise("")).isEqualTo("   ");
    }

    @Test
    void half_a_surrogate_pair_is_refused_wherever_it_stands() {
        for (String half : new String[] {"\uD83D", "a\uD83D", "\uDE00", "\uDE00\uD83D", "\uD83Da", "\uD83D\uD83D"}) {
            refused(TEXT, half).hasMessageContaining("surrogate");
            refused(new ColumnType.Json(), half).hasMessageContaining("surrogate");
        }
        refused(TEXT, '\uD83D').hasMessageContaining("surrogate");
    }

    @Test
    void the_character_zero_is_refused_where_it_cannot_be_stored() {
        refused(TEXT, "a\0").hasMessageContaining("U+0000");
        assertThat(new ColumnType.Text(3, false, true, "").normalise("a\0")).isEqualTo("a\0");
    }

    @Test
    void bytes_are_copied_and_counted() {
        byte[] given = {1, 2};
        Object normalised = new ColumnType.Binary(2).normalise(given);
        given[0] = 9;

        assertThat(normalised).isEqualTo(Bytes.copyOf(new byte[] {1, 2}));
        assertThat(new ColumnType.Binary(0).normalise(Bytes.copyOf(new byte[1_000])))
                .isEqualTo(Bytes.copyOf(new byte[1_000]));
        refused(new ColumnType.Binary(2), new byte[3]).hasMessageContainingAll("3 bytes", "at most 2");
        refused(new ColumnType.Binary(2), "ab").hasMessageContaining("byte[]");
    }

    @Test
    void days_are_within_the_years_1_to_9999() {
        ColumnType date = new ColumnType.Date();

        assertThat(date.normalise(LocalDate.of(1, 1, 1))).isEqualTo(LocalDate.of(1, 1, 1));
        assertThat(date.normalise(LocalDate.of(9999, 12, 31))).isEqualTo(LocalDate.of(9999, 12, 31));
        refused(date, LocalDate.of(0, 12, 31)).hasMessageContaining("years 1 to 9999");
        refused(date, LocalDate.of(10_000, 1, 1)).hasMessageContaining("years 1 to 9999");
        refused(date, LocalDateTime.of(2026, 1, 1, 0, 0)).hasMessageContaining("a LocalDate");
    }

    @Test
    void times_are_cut_never_rounded() {
        LocalTime last = LocalTime.MAX;

        assertThat(new ColumnType.Time(0).normalise(last)).isEqualTo(LocalTime.of(23, 59, 59));
        assertThat(new ColumnType.Time(6).normalise(last)).isEqualTo(LocalTime.of(23, 59, 59, 999_999_000));
        assertThat(new ColumnType.Time(9).normalise(last)).isEqualTo(last);
        refused(new ColumnType.Time(6), "12:00").hasMessageContaining("LocalTime");
    }

    @Test
    void timestamps_are_cut_to_their_digits() {
        LocalDateTime before = LocalDateTime.of(1969, 12, 31, 23, 59, 59, 999_999_999);

        assertThat(new ColumnType.Timestamp(3).normalise(before)).isEqualTo(before.withNano(999_000_000));
        assertThat(new ColumnType.Timestamp(6).normalise(before)).isEqualTo(before.withNano(999_999_000));
        refused(new ColumnType.Timestamp(6), LocalDateTime.of(0, 1, 1, 0, 0)).hasMessageContaining("years 1 to 9999");
        refused(new ColumnType.Timestamp(6), Instant.EPOCH).hasMessageContaining("LocalDateTime");
    }

    @Test
    void moments_are_one_point_in_time_whatever_the_zone() {
        ColumnType moment = new ColumnType.Moment(6);
        Instant expected = Instant.parse("2026-01-02T03:04:05.123456Z");

        assertThat(moment.normalise(Instant.parse("2026-01-02T03:04:05.123456789Z")))
                .isEqualTo(expected);
        assertThat(moment.normalise(OffsetDateTime.parse("2026-01-02T05:04:05.123456789+02:00")))
                .isEqualTo(expected);
        assertThat(moment.normalise(ZonedDateTime.parse("2026-01-02T04:04:05.123456789+01:00[Europe/Paris]")))
                .isEqualTo(expected);
        refused(moment, LocalDateTime.of(2026, 1, 1, 0, 0)).hasMessageContaining("Instant");
    }

    @Test
    void moments_before_1970_are_cut_towards_the_past() {
        assertThat(new ColumnType.Moment(0).normalise(Instant.EPOCH.minusNanos(1)))
                .isEqualTo(Instant.EPOCH.minusSeconds(1));
    }

    @Test
    void moments_are_within_the_years_1_to_9999() {
        ColumnType moment = new ColumnType.Moment(9);

        assertThat(moment.normalise(ColumnType.MIN_MOMENT)).isEqualTo(ColumnType.MIN_MOMENT);
        assertThat(moment.normalise(ColumnType.MAX_MOMENT)).isEqualTo(ColumnType.MAX_MOMENT);
        refused(moment, ColumnType.MIN_MOMENT.minusNanos(1)).hasMessageContaining("years 1 to 9999");
        refused(moment, ColumnType.MAX_MOMENT.plusNanos(1)).hasMessageContaining("years 1 to 9999");
        refused(moment, Instant.MAX).hasMessageContaining("years 1 to 9999");
    }

    @Test
    void uuids_are_uuids() {
        UUID id = new UUID(1, 2);

        assertThat(new ColumnType.Uuid().normalise(id)).isEqualTo(id);
        refused(new ColumnType.Uuid(), id.toString()).hasMessageContainingAll("String", "UUID");
    }

    @Test
    void json_is_text() {
        assertThat(new ColumnType.Json().normalise("{ }")).isEqualTo("{ }");
        refused(new ColumnType.Json(), 1).hasMessageContaining("JSON");
    }

    @Test
    void an_unsupported_type_takes_nothing() {
        refused(new ColumnType.Unsupported("geometry"), "x").hasMessageContaining("geometry");
    }

    @Test
    void what_has_no_single_spelling_cannot_be_a_key() {
        assertThat(DOUBLE.keyProblem()).isNotEmpty();
        assertThat(new ColumnType.Json().keyProblem()).isNotEmpty();
        assertThat(new ColumnType.Unsupported("x").keyProblem()).contains("x");
        assertThat(new ColumnType.Text(0, false, false, "case-insensitive").keyProblem())
                .isEqualTo("case-insensitive");
        assertThat(LONG.keyProblem()).isEmpty();
        assertThat(MONEY.keyProblem()).isEmpty();
    }
}
