package io.forebay.cli.replay;

import io.forebay.Stats;
import io.forebay.cli.Box;
import io.forebay.cli.Figures;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;

/** What a replay says about itself. */
final class ReplayReport {
    private final PrintWriter out;
    private final Path file;
    private final ReplayPosition start;
    private final long startNanos = System.nanoTime();

    ReplayReport(PrintWriter out, Path file, ReplayPosition start) {
        this.out = out;
        this.file = file;
        this.start = start;
    }

    void begin(boolean resume) {
        if (!resume) return;
        if (start.equals(ReplayPosition.START)) out.println("nothing of " + file + " was replayed yet: from the start");
        else
            out.printf(
                    "going on behind line %s of reading %s%n",
                    Figures.count(start.line()), Figures.count(start.repeat()));
        out.flush();
    }

    void end(Stats stats, long lines, Rejects rejects) {
        Duration time = Duration.ofNanos(System.nanoTime() - startNanos);
        out.println(new Box("replay of " + file.getFileName(), "")
                .row("lines", Figures.count(lines))
                .row("malformed lines in the file", Figures.count(rejects.count()))
                .row("mutations in", Figures.count(stats.mutations()))
                .row("rows out", Figures.count(stats.rowsFlushed()))
                .row("coalescing factor", coalescing(stats))
                .row("statements", Figures.count(stats.statements()))
                .row("time", Figures.time(time))
                .row("lines per second", Figures.rate(lines, time)));
        rejected(rejects);
    }

    private static String coalescing(Stats stats) {
        if (stats.rowsFlushed() == 0) return "–";
        return Figures.ratio((double) stats.mutations() / stats.rowsFlushed());
    }

    private void rejected(Rejects rejects) {
        if (rejects.count() == 0) return;
        out.printf("%s malformed, kept in %s%n", Figures.of(rejects.count(), "line"), rejects.file());
        rejects.first().forEach(line -> out.println("  " + line));
        long more = rejects.count() - rejects.first().size();
        if (more > 0) out.printf("  and %s more%n", Figures.count(more));
    }
}
