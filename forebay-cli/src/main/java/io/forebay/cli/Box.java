package io.forebay.cli;

import java.util.ArrayList;
import java.util.List;

/** A table for people: a head, rows of text, and columns as wide as they need to be. The first is left-aligned. */
public final class Box {
    private final List<List<String>> rows = new ArrayList<>(); // an empty one is a line across

    public Box(String... head) {
        rows.add(List.of(head));
        rows.add(List.of());
    }

    /** Adds a row, as many cells as the head has. */
    public Box row(String... cells) {
        if (cells.length != rows.get(0).size())
            throw new IllegalArgumentException("%d cells under a head of %d"
                    .formatted(cells.length, rows.get(0).size()));
        rows.add(List.of(cells));
        return this;
    }

    /** Adds a line across. */
    public Box line() {
        rows.add(List.of());
        return this;
    }

    @Override
    public String toString() {
        int[] widths = widths();
        StringBuilder text = new StringBuilder(across(widths, "┌", "┬", "┐"));
        for (List<String> row : rows) text.append(row.isEmpty() ? across(widths, "├", "┼", "┤") : line(widths, row));
        return text.append(across(widths, "└", "┴", "┘")).toString().stripTrailing();
    }

    private int[] widths() {
        int[] widths = new int[rows.get(0).size()];
        for (List<String> row : rows) {
            for (int i = 0; i < row.size(); i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        return widths;
    }

    private static String across(int[] widths, String left, String middle, String right) {
        List<String> parts = new ArrayList<>();
        for (int width : widths) parts.add("─".repeat(width + 2));
        return left + String.join(middle, parts) + right + "\n";
    }

    private static String line(int[] widths, List<String> row) {
        StringBuilder text = new StringBuilder("│");
        for (int i = 0; i < widths.length; i++) {
            String gap = " ".repeat(widths[i] - row.get(i).length());
            text.append(' ')
                    .append(i == 0 ? row.get(i) + gap : gap + row.get(i))
                    .append(" │");
        }
        return text.append('\n').toString();
    }
}
