package io.forebay.testkit.crash;

import java.util.List;
import java.util.Map;

/**
 * What the tables of a {@link CrashWorkload} hold, row by row, for databases that JDBC does not reach. Numbers are of any
 * class.
 *
 * @param rows of {@code crash_row}: {@code id}, {@code hits}, {@code peak}, {@code last_write}, {@code note}
 * @param audit of {@code crash_audit}: {@code writer}, {@code n}
 * @param hot of {@code crash_hot}: {@code id}, {@code hits}
 * @param deadLetters how many dead letters there are
 */
public record CrashTables(
        List<Map<String, Object>> rows,
        List<Map<String, Object>> audit,
        List<Map<String, Object>> hot,
        long deadLetters) {
    /** How many hot rows there are before anything is written, with the keys from 0 and without {@code hits}. */
    public static final int HOT_ROWS = WriteScript.HOT_ROWS;

    public CrashTables {
        rows = List.copyOf(rows);
        audit = List.copyOf(audit);
        hot = List.copyOf(hot);
    }
}
