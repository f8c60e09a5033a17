package io.forebay.testkit.crash;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Runs a writing program in a JVM of its own, kills it with SIGKILL, runs it again on the same journal, and keeps account
 * of what it said over its pipe before it died. The program is a main class that uses a {@link CrashChild}; its last
 * argument is the round, counted from 0. One child at a time; not thread-safe.
 *
 * <pre>{@code
 * CrashHarness harness = new CrashHarness(Program.class, List.of(url, journal.toString()));
 * harness.runUntil(new KillPoint(KillPoint.Stage.SEALED, 7));
 * harness.runFor(Duration.ofMillis(800));
 * harness.runToEnd();
 * CrashReport report = workload.compare(dataSource, harness.account());
 * }</pre>
 */
public final class CrashHarness {
    private static final int MAX_OCCURRENCE = 40;
    private static final int MIN_MILLIS = 400;
    private static final int MORE_MILLIS = 1600;

    private final Class<?> main;
    private final List<String> arguments;
    private final Map<String, String> environment;
    private final CrashAccount account = new CrashAccount();
    private final List<String> history = new ArrayList<>();
    private int kills;

    /**
     * @param main a public class with a main method; runs with this JVM's class path
     * @param arguments what it is given before the round
     */
    public CrashHarness(Class<?> main, List<String> arguments) {
        this(main, arguments, Map.of());
    }

    /**
     * @param main a public class with a main method; runs with this JVM's class path
     * @param arguments what it is given before the round
     * @param environment variables it gets beside those of this process: for what others must not see, a password
     */
    public CrashHarness(Class<?> main, List<String> arguments, Map<String, String> environment) {
        this.main = main;
        this.arguments = List.copyOf(arguments);
        this.environment = Map.copyOf(environment);
    }

    /** What the children said so far. */
    public CrashAccount account() {
        return account;
    }

    /** How many children were killed so far. */
    public int kills() {
        return kills;
    }

    /** How each child so far ended, in order. */
    public List<String> history() {
        return List.copyOf(history);
    }

    /**
     * Runs a child and kills it at a stage of a write, or at no special instant: as chance has it.
     *
     * @throws IllegalStateException if it ends otherwise
     */
    public void runAndKill(Random random) {
        if (random.nextBoolean()) {
            KillPoint.Stage[] stages = KillPoint.Stage.values();
            runUntil(new KillPoint(stages[random.nextInt(stages.length)], 1 + random.nextInt(MAX_OCCURRENCE)));
        } else {
            runFor(Duration.ofMillis(MIN_MILLIS + random.nextInt(MORE_MILLIS)));
        }
    }

    /**
     * Runs a child that ends itself at {@code point}.
     *
     * @throws IllegalStateException if it ends otherwise, or does not come there within a minute
     */
    public void runUntil(KillPoint point) {
        run(List.of(point.jvmOption()), child -> {
            child.expectEnd(CrashChild.KILLED);
            return "at " + point;
        });
        kills++;
    }

    /**
     * Runs a child and kills it after {@code time}, counted from its start: it may still be recovering.
     *
     * @throws IllegalStateException if it ends by itself before
     */
    public void runFor(Duration time) {
        run(List.of(), child -> {
            child.killAfter(time);
            return "after " + time.toMillis() + " ms";
        });
        kills++;
    }

    /**
     * Runs a child and kills it when {@code writes} more are acknowledged; what it has said by then counts too.
     *
     * @throws IllegalStateException if it ends by itself before, or does not come there within a minute
     */
    public void runUntilAcknowledged(long writes) {
        long enough = account.acknowledged() + writes;
        run(List.of(), child -> {
            child.killWhen(() -> account.acknowledged() >= enough);
            return "after " + writes + " acknowledged writes";
        });
        kills++;
    }

    /**
     * Runs a child and tells it to end, see {@link CrashChild#isToldToEnd}.
     *
     * @throws IllegalStateException if it does not end well within a minute
     */
    public void runToEnd() {
        runToEnd(() -> {});
    }

    /**
     * Runs a child, and {@code meanwhile} once it is ready; then tells it to end.
     *
     * @throws IllegalStateException if it does not end well within a minute
     */
    public void runToEnd(Runnable meanwhile) {
        run(List.of(), child -> {
            child.awaitReady();
            meanwhile.run();
            child.tellToEnd();
            child.expectEnd(0);
            return "by itself";
        });
    }

    private interface Ending {
        String of(CrashProcess child);
    }

    private void run(List<String> options, Ending ending) {
        List<String> all = new ArrayList<>(arguments);
        all.add(Integer.toString(history.size()));
        CrashProcess child = new CrashProcess(
                CrashProcess.start(main, options, all, environment),
                main.getSimpleName() + " of round " + history.size(),
                account);
        try {
            history.add("round " + history.size() + " ended " + ending.of(child));
        } finally {
            child.clear();
        }
    }
}
