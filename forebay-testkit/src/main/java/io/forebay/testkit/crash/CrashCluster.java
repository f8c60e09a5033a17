package io.forebay.testkit.crash;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Several programs at once, each in a JVM of its own, on one buffer that they share; any of them is killed, or paused, and
 * started again. The program is a main class that uses a {@link CrashChild}; its last two arguments are its place, counted
 * from 0, and a number that no start before it had: its round. Not thread-safe.
 */
public final class CrashCluster implements AutoCloseable {
    private final Class<?> main;
    private final List<String> arguments;
    private final Map<String, String> environment;
    private final CrashAccount account = new CrashAccount();
    private final Map<Integer, CrashProcess> running = new TreeMap<>();
    private final List<String> history = new ArrayList<>();
    private int rounds;
    private int kills;

    /**
     * @param main a public class with a main method; runs with this JVM's class path
     * @param arguments what each is given before its place and its round
     */
    public CrashCluster(Class<?> main, List<String> arguments) {
        this(main, arguments, Map.of());
    }

    /**
     * @param main a public class with a main method; runs with this JVM's class path
     * @param arguments what each is given before its place and its round
     * @param environment variables they get beside those of this process: for what others must not see, a password
     */
    public CrashCluster(Class<?> main, List<String> arguments, Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
        this.main = main;
        this.arguments = List.copyOf(arguments);
    }

    /** What all of them said so far. */
    public CrashAccount account() {
        return account;
    }

    /** How many were killed so far. */
    public int kills() {
        return kills;
    }

    /** What was done to them, in order. */
    public List<String> history() {
        return List.copyOf(history);
    }

    /** Starts the program at each of so many places, all at once, and waits until all are ready. */
    public void startAll(int places) {
        for (int place = 0; place < places; place++) launch(place);
        running.values().forEach(CrashProcess::requireReady);
    }

    /** Starts the program at a place where none is running, and waits until it is ready. */
    public void start(int place) {
        launch(place);
        at(place).requireReady();
    }

    private void launch(int place) {
        List<String> all = new ArrayList<>(arguments);
        all.add(Integer.toString(place));
        all.add(Integer.toString(rounds));
        String name = "%s at place %d, round %d".formatted(main.getSimpleName(), place, rounds);
        CrashProcess process = new CrashProcess(CrashProcess.start(main, List.of(), all, environment), name, account);
        running.put(place, process);
        history.add("started " + name);
        rounds++;
    }

    /**
     * Kills the program at a place with SIGKILL; all it said before is in the account.
     *
     * @throws IllegalStateException if it had ended by itself
     */
    public void kill(int place) {
        CrashProcess process = at(place);
        process.killAfter(Duration.ZERO);
        process.clear();
        running.remove(place);
        history.add("killed place " + place);
        kills++;
    }

    /** Stops the program at a place with SIGSTOP for a while: it keeps its connections and does nothing. */
    public void pause(int place, Duration time) {
        CrashProcess process = at(place);
        process.signal("STOP");
        try {
            Thread.sleep(time.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            process.signal("CONT");
        }
        history.add("paused place " + place + " for " + time.toMillis() + " ms");
    }

    private CrashProcess at(int place) {
        CrashProcess process = running.get(place);
        if (process == null) throw new IllegalStateException("nothing runs at place " + place);
        return process;
    }

    /**
     * Tells all to end, one after the other, and waits until they have.
     *
     * @throws IllegalStateException if one does not end well within a minute
     */
    public void end() {
        for (int place : List.copyOf(running.keySet())) {
            CrashProcess process = at(place);
            process.tellToEnd();
            process.expectEnd(0);
            process.clear();
            running.remove(place);
        }
    }

    /** Kills what still runs. */
    @Override
    public void close() {
        running.values().forEach(CrashProcess::clear);
        running.clear();
    }
}
