package io.forebay.testkit.crash;

import java.util.ArrayList;
import java.util.List;

/**
 * What a comparison found.
 *
 * @param applied writes that are in the database, as far as whole writes explain it
 * @param lost facts that were acknowledged and are not in the database, or not whole
 * @param doubled facts that the database has more than once
 * @param wrong anything else that no order of the writes explains; dead letters are among it
 * @param examples the first of them, each with its history
 */
public record CrashReport(long applied, int lost, int doubled, int wrong, List<String> examples) {
    /** Nothing was looked at. */
    public static final CrashReport NOTHING = new CrashReport(0, 0, 0, 0, List.of());

    private static final int MAX_EXAMPLES = 8;

    enum Kind {
        LOST,
        DOUBLED,
        WRONG
    }

    record Finding(Kind kind, String text) {}

    public CrashReport {
        examples = List.copyOf(examples);
    }

    static CrashReport of(long applied, List<Finding> findings) {
        List<String> examples = new ArrayList<>();
        for (Finding finding : findings.subList(0, Math.min(findings.size(), MAX_EXAMPLES)))
            examples.add(finding.kind() + " " + finding.text());
        return new CrashReport(
                applied,
                count(findings, Kind.LOST),
                count(findings, Kind.DOUBLED),
                count(findings, Kind.WRONG),
                examples);
    }

    private static int count(List<Finding> findings, Kind kind) {
        return (int) findings.stream().filter(it -> it.kind() == kind).count();
    }

    /** Whether nothing is lost, doubled or wrong. */
    public boolean isExact() {
        return lost + doubled + wrong == 0;
    }

    @Override
    public String toString() {
        String counts = "lost=%d doubled=%d wrong=%d".formatted(lost, doubled, wrong);
        return examples.isEmpty() ? counts : counts + "\n  " + String.join("\n  ", examples);
    }
}
