package io.forebay.cli.replay;

import io.forebay.cli.CommandFailure;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How far a replay is: the last line that was written, of which reading of the file; both count from 1. */
record ReplayPosition(long repeat, long line) implements Comparable<ReplayPosition> {
    static final ReplayPosition START = new ReplayPosition(1, 0);

    private static final Pattern FORM = Pattern.compile("([1-9][0-9]{0,17}):([0-9]{1,18})");

    static ReplayPosition parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches())
            throw new CommandFailure("the journal's position '%s' is not one of a replay".formatted(text));
        return new ReplayPosition(Long.parseLong(form.group(1)), Long.parseLong(form.group(2)));
    }

    @Override
    public int compareTo(ReplayPosition other) {
        int byRepeat = Long.compare(repeat, other.repeat);
        return byRepeat != 0 ? byRepeat : Long.compare(line, other.line);
    }

    @Override
    public String toString() {
        return repeat + ":" + line;
    }
}
