package io.forebay.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Rows of text under a heading, as Markdown. One thread. */
public final class MarkdownTable {
    private final List<List<String>> rows = new ArrayList<>();
    private final int columns;

    /** Begins a table with the names of its columns. */
    public MarkdownTable(String... columns) {
        this.columns = columns.length;
        rows.add(List.of(columns));
        rows.add(Arrays.stream(columns).map(column -> "---").toList());
    }

    /**
     * One more row.
     *
     * @throws IllegalArgumentException if the number of cells is not the number of columns
     */
    public MarkdownTable row(String... cells) {
        if (cells.length != columns)
            throw new IllegalArgumentException("a row needs %d cells, has %d".formatted(columns, cells.length));
        rows.add(List.of(cells));
        return this;
    }

    /** A whole number with separators: {@code 1,234,567}; three digits that count, because no more of them mean anything. */
    public static String count(double value) {
        double unit = value == 0 ? 1 : Math.max(1, Math.pow(10, Math.floor(Math.log10(Math.abs(value))) - 2));
        return exact(Math.round(value / unit) * (long) unit);
    }

    /** A whole number with separators, all of its digits. */
    public static String exact(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    /** Two decimals. */
    public static String ratio(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (List<String> row : rows)
            text.append("| ").append(String.join(" | ", row)).append(" |\n");
        return text.toString();
    }
}
