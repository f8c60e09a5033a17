package io.forebay.cli;

import java.time.Duration;
import java.util.Locale;

/** Numbers as people read them. */
public final class Figures {
    private Figures() {}

    /** With separators of thousands. */
    public static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** So many a second. */
    public static String rate(long number, Duration time) {
        return count(Math.round(perSecond(number, time)));
    }

    public static double perSecond(long number, Duration time) {
        return number * 1e9 / Math.max(1, time.toNanos());
    }

    /** A ratio with one digit, such as {@code 12.3}. */
    public static String ratio(double ratio) {
        return ratio >= 1000 ? count(Math.round(ratio)) : String.format(Locale.ROOT, "%.1f", ratio);
    }

    /** Seconds with one digit, or minutes and seconds. */
    public static String time(Duration time) {
        if (time.compareTo(Duration.ofSeconds(100)) < 0)
            return String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1000.0);
        if (time.compareTo(Duration.ofMinutes(100)) < 0)
            return "%d min %02d s".formatted(time.toMinutes(), time.toSecondsPart());
        return "%d h %02d min".formatted(time.toHours(), time.toMinutesPart());
    }

    /** A number of bytes in the unit that fits. */
    public static String bytes(long bytes) {
        if (bytes < 10_000) return count(bytes) + " B";
        if (bytes < 10_000_000) return count(bytes >> 10) + " KiB";
        return count(bytes >> 20) + " MiB";
    }

    /** {@code 1 row}, {@code 2 rows}. */
    public static String of(long number, String noun) {
        return count(number) + " " + (number == 1 ? noun : noun + "s");
    }
}
