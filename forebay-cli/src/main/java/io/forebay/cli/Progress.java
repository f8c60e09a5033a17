package io.forebay.cli;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** How far a long work is: a bar that goes away at its end for a terminal, a few plain lines for a log file. */
public abstract class Progress implements AutoCloseable {
    private static final int UPDATE_MILLIS = 200;
    private static final int PLAIN_LINES = 4;

    /** Begins at nothing of {@code total}. */
    public static Progress start(PrintWriter err, String task, String unit, long total) {
        err.flush();
        return Terminal.isWatched() ? new Bar(task, total) : new Lines(err, task, unit, total);
    }

    /** So much is done. */
    public abstract void to(long done);

    @Override
    public abstract void close();

    private static final class Bar extends Progress {
        private final PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
        private final ProgressBar bar;

        Bar(String task, long total) {
            bar = new ProgressBarBuilder()
                    .setTaskName(task)
                    .setInitialMax(total)
                    .setUnit("", 1)
                    .setStyle(ProgressBarStyle.UNICODE_BLOCK)
                    .setUpdateIntervalMillis(UPDATE_MILLIS)
                    .setConsumer(new DelegatingProgressBarConsumer(this::show, Terminal.columns() - 1))
                    .build();
        }

        private void show(String line) {
            err.print('\r' + line);
            err.flush();
        }

        @Override
        public void to(long done) {
            bar.stepTo(done);
        }

        @Override
        public void close() {
            bar.close();
            show(" ".repeat(Terminal.columns() - 1) + '\r');
        }
    }

    private static final class Lines extends Progress {
        private final PrintWriter err;
        private final String task;
        private final String unit;
        private final long total;
        private long said;

        Lines(PrintWriter err, String task, String unit, long total) {
            this.err = err;
            this.task = task;
            this.unit = unit;
            this.total = total;
        }

        @Override
        public void to(long done) {
            long part = total == 0 ? 0 : done * PLAIN_LINES / total;
            if (part <= said) return;
            said = part;
            err.printf(
                    "%s: %3d %%, %s of %s %s%n",
                    task, part * 100 / PLAIN_LINES, Figures.count(done), Figures.count(total), unit);
            err.flush();
        }

        @Override
        public void close() {
            err.flush();
        }
    }
}
