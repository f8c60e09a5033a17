package io.forebay.cli.demo;

import io.forebay.cli.Box;
import io.forebay.cli.Figures;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
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
        say("   A process of its own writes from %s: page views, hits, last-seen", Figures.of(threads, "thread"));
        say("   updates and audit rows. It reports each acknowledged group of writes on a pipe.");
        say("");
    }

    void killed(int run, long groups) {
        say("   run %d   killed when %s groups were acknowledged", run, Figures.count(groups));
    }

    void recovered(Duration time) {
        say("   start   recovered what the journal held (%s, with the start of the JVM)", Figures.time(time));
        say("");
    }

    void account(List<Account.Line> lines) {
        Box box = new Box("", "acknowledged", "in database", "under way *", "lost", "doubled");
        for (Account.Line line : lines) add(box, line);
        add(box.line(), total(lines));
        say("%s", box);
        say("   * sent but not acknowledged at a kill: there once, or not at all.");
        say("   Counted with plain JDBC.");
    }

    private static void add(Box box, Account.Line line) {
        box.row(
                line.what(),
                Figures.count(line.acknowledged()),
                Figures.count(line.inDatabase()),
                Figures.count(line.underWay()),
                Figures.count(line.lost()),
                Figures.count(line.doubled()));
    }

    private static Account.Line total(List<Account.Line> lines) {
        return lines.stream()
                .reduce((one, other) -> new Account.Line(
                        "all",
                        one.acknowledged() + other.acknowledged(),
                        one.inDatabase() + other.inDatabase(),
                        one.lost() + other.lost(),
                        one.doubled() + other.doubled()))
                .orElseThrow();
    }

    void end(boolean isExact, @Nullable Path kept) {
        say("");
        say(
                isExact ? "Nothing lost, nothing doubled. (%s)" : "NOT EXACT: writes were lost or doubled. (%s)",
                Figures.time(Duration.ofNanos(System.nanoTime() - startNanos)));
        if (kept != null) say("Kept: %s", kept);
    }
}
