package io.forebay.cli.demo;

import io.forebay.cli.Box;
import io.forebay.cli.Figures;
import io.forebay.testkit.crash.CrashReport;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What the demo says, for people. */
final class DemoReport {
    private final PrintWriter out;
    private final long startNanos = System.nanoTime();

    DemoReport(PrintWriter out) {
        this.out = out;
    }

    private void say(String text, Object... values) {
        out.printf(text + "%n", values);
        out.flush();
    }

    void begin(Path directory) {
        say("Forebay demo, with an H2 database in %s%n(every commit forced to disk)", directory);
    }

    void speed(Workload workload) {
        say("");
        say("1. The same writes, twice");
        say("");
        say(
                "   %s views of %s pages (Zipf %s), %s last-seen updates%n   of %s visitors, %s audit rows; one thread each time.",
                Figures.count(workload.views()),
                Figures.count(Workload.PATHS),
                Workload.EXPONENT,
                Figures.count(workload.seens()),
                Figures.count(Workload.VISITORS),
                Figures.count(workload.audits()));
        say("");
    }

    void speed(Workload workload, SpeedDemo.Buffered buffered, SpeedDemo.Direct direct) {
        Duration time = buffered.inDatabase();
        double directRate = Figures.perSecond(direct.writes(), direct.time());
        Duration all = Duration.ofMillis(Math.round(workload.writes() / directRate * 1000));
        boolean isSample = direct.writes() < workload.writes();
        say(
                "%s",
                new Box("", "through Forebay", isSample ? "row by row (a sample)" : "row by row")
                        .row("writes", Figures.count(workload.writes()), Figures.count(direct.writes()))
                        .row("until all are in the database", Figures.time(time), Figures.time(direct.time()))
                        .row("until all are safe on disk", Figures.time(buffered.acknowledged()), "")
                        .row("rows sent", Figures.count(buffered.stats().rowsFlushed()), Figures.count(direct.writes()))
                        .row("transactions", Figures.count(buffered.stats().batches()), Figures.count(direct.writes()))
                        .line()
                        .row(
                                "writes per second",
                                Figures.rate(workload.writes(), time),
                                Figures.count(Math.round(directRate)))
                        .row(
                                "time for all of the work",
                                Figures.time(time),
                                (isSample ? "≈ " : "") + Figures.time(all)));
        if (isSample) say("   ≈ extrapolated: the sample was ended after %s.", Figures.time(direct.time()));
        double factor = Figures.perSecond(workload.writes(), time) / directRate;
        say(
                "   %s times as fast; on average %s writes became one row sent.",
                Figures.ratio(factor),
                Figures.ratio((double) workload.writes()
                        / Math.max(1, buffered.stats().rowsFlushed())));
        say(
                "   Counted with plain JDBC: %s page views, %s audit rows.",
                Figures.count(buffered.views()), Figures.count(buffered.audits()));
    }

    void crash(int threads) {
        say("");
        say("2. kill -9");
        say("");
        say(
                "   A process of its own writes from %s: increments, maxima, sets, upserts,",
                Figures.of(threads, "thread"));
        say("   deletes, inserts, audit rows, groups of three. It says on a pipe what is acknowledged.");
        say("");
    }

    void killed(int run, long writes) {
        say("   run %d   killed when %s writes were acknowledged", run, Figures.count(writes));
    }

    void ended(int run, Duration time) {
        say(
                "   run %d   recovered what the journal held, wrote a little more, ended in order (%s)",
                run, Figures.time(time));
        say("");
    }

    void counted(long acknowledged, CrashReport report) {
        say(
                "%s",
                new Box("", "writes")
                        .row("acknowledged", Figures.count(acknowledged))
                        .row("in the database", Figures.count(report.applied()))
                        .row("  of these under way *", Figures.count(report.applied() - acknowledged))
                        .line()
                        .row("rows that miss something", Figures.count(report.lost()))
                        .row("rows with something twice", Figures.count(report.doubled()))
                        .row("rows otherwise wrong", Figures.count(report.wrong())));
        report.examples().forEach(example -> say("   %s", example));
        say("   * sent but not acknowledged at a kill: there once, or not at all.");
        say("   Every row was read with plain JDBC and compared.");
    }

    void end(boolean isExact, @Nullable Path kept) {
        say("");
        say(
                isExact ? "Nothing lost, nothing doubled. (%s)" : "NOT EXACT: writes were lost or doubled. (%s)",
                Figures.time(Duration.ofNanos(System.nanoTime() - startNanos)));
        if (kept != null) say("Kept: %s", kept);
    }
}
