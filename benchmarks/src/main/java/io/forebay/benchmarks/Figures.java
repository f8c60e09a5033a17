package io.forebay.benchmarks;

import java.util.List;
import java.util.Locale;

/**
 * What several iterations of one measurement gave. Immutable.
 *
 * @param values one figure per iteration; at least one
 */
public record Figures(List<Double> values) {
    public Figures {
        values = values.stream().sorted().toList();
        if (values.isEmpty()) throw new IllegalArgumentException("a measurement needs at least one iteration");
    }

    /** The middle figure, or the mean of the two in the middle. */
    public double median() {
        int middle = values.size() / 2;
        return values.size() % 2 == 1 ? values.get(middle) : (values.get(middle - 1) + values.get(middle)) / 2;
    }

    /** How far the lowest and the highest are from the median: {@code −4 % / +7 %}; empty for a single figure. */
    public String spread() {
        if (values.size() == 1) return "";
        return "%s / %s".formatted(percentFromMedian(values.get(0)), percentFromMedian(values.get(values.size() - 1)));
    }

    private String percentFromMedian(double value) {
        return String.format(Locale.ROOT, "%+.0f %%", (value / median() - 1) * 100)
                .replace('-', '−');
    }
}
