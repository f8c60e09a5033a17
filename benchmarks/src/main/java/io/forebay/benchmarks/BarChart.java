package io.forebay.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Horizontal bars with their figures beside them, as SVG. One thread. */
final class BarChart {
    private static final int WIDTH = 860;
    private static final int LABELS = 330;
    private static final int FIGURES = 110;
    private static final int TOP = 64;
    private static final int BAR = 18;
    private static final int STEP = 26;
    private static final int GAP = 12;

    private final String title;
    private final String subtitle;
    private final boolean logarithmic;
    private final List<Bar> bars = new ArrayList<>();

    /** One bar; {@code begins} puts a gap before it. */
    private record Bar(String label, double value, boolean ours, boolean begins) {}

    /** A logarithmic chart begins at 100. */
    BarChart(String title, String subtitle, boolean logarithmic) {
        this.title = title;
        this.subtitle = subtitle;
        this.logarithmic = logarithmic;
    }

    /** One more bar. */
    void add(String label, double value, boolean begins) {
        bars.add(new Bar(label.replace("`", ""), value, label.contains("Forebay"), begins));
    }

    String svg() {
        StringBuilder svg = new StringBuilder();
        StringBuilder body = new StringBuilder();
        int y = TOP;
        for (Bar bar : bars) {
            if (bar.begins()) y += GAP;
            body.append(bar(bar, y));
            y += STEP;
        }
        svg.append("""
                <svg xmlns="http://www.w3.org/2000/svg" width="%1$d" height="%2$d" viewBox="0 0 %1$d %2$d" font-family="sans-serif" font-size="13">
                <rect width="%1$d" height="%2$d" fill="#ffffff"/>
                <text x="16" y="26" font-size="16" font-weight="bold" fill="#1b1f24">%3$s</text>
                <text x="16" y="46" fill="#57606a">%4$s</text>
                """.formatted(WIDTH, y + GAP, escape(title), escape(subtitle)));
        return svg.append(body).append("</svg>\n").toString();
    }

    private String bar(Bar bar, int y) {
        double length = Math.max(1, (WIDTH - LABELS - FIGURES) * share(bar.value()));
        return String.format(
                Locale.ROOT,
                """
                <text x="%d" y="%d" text-anchor="end" fill="#1b1f24">%s</text>
                <rect x="%d" y="%d" width="%.1f" height="%d" fill="%s"/>
                <text x="%.1f" y="%d" fill="#1b1f24">%s</text>
                """,
                LABELS - 10,
                y + 14,
                escape(bar.label()),
                LABELS,
                y,
                length,
                BAR,
                bar.ours() ? "#0b6e99" : "#b6c2cd",
                LABELS + length + 8,
                y + 14,
                MarkdownTable.count(bar.value()));
    }

    private double share(double value) {
        double most = bars.stream().mapToDouble(Bar::value).max().orElse(1);
        return logarithmic ? Math.log10(value / 100) / Math.log10(most / 100) : value / most;
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
