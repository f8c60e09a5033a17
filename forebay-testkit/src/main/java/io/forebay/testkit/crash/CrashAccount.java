package io.forebay.testkit.crash;

import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the parent read from its children's pipes, and so the only truth about what was acknowledged. A writer is one
 * thread of one child; it numbers its writes from 1. Thread-safe.
 */
public final class CrashAccount {
    private static final String END = ".";

    private final SortedMap<Long, Writer> writers = new TreeMap<>(); // guarded by this
    private boolean ready; // guarded by this

    /**
     * One writer.
     *
     * @param id its number, of its own among all children
     * @param sent its last write that may have been made; it was announced before it was
     * @param acknowledged its last write that was acknowledged, and with it all before
     * @param flushed its last write that was acknowledged as being in the database
     */
    public record Writer(long id, long sent, long acknowledged, long flushed) {}

    CrashAccount() {}

    /** Every writer that announced a write, by its number. */
    public synchronized SortedMap<Long, Writer> writers() {
        return new TreeMap<>(writers);
    }

    /** How many writes were acknowledged in all. */
    public synchronized long acknowledged() {
        return writers.values().stream().mapToLong(Writer::acknowledged).sum();
    }

    /** How many writes may have been made in all. */
    public synchronized long sent() {
        return writers.values().stream().mapToLong(Writer::sent).sum();
    }

    static String line(String event, long writer, long number) {
        return event + " " + writer + " " + number + " " + END + "\n";
    }

    /** Takes one line; one that was cut by the kill has no end and counts for nothing. */
    synchronized void read(String line) {
        String[] words = line.split(" ");
        if (words.length != 4 || !words[3].equals(END)) return;
        long id = Long.parseLong(words[1]);
        long number = Long.parseLong(words[2]);
        Writer old = writers.getOrDefault(id, new Writer(id, 0, 0, 0));
        switch (words[0]) {
            case CrashChild.SENDING -> writers.put(id, new Writer(id, number, old.acknowledged(), old.flushed()));
            case CrashChild.ACKNOWLEDGED -> writers.put(id, new Writer(id, old.sent(), number, old.flushed()));
            case CrashChild.FLUSHED ->
                writers.put(id, new Writer(id, old.sent(), old.acknowledged(), Math.max(old.flushed(), number)));
            case CrashChild.READY -> ready = true;
            default -> throw new IllegalStateException("a child said: " + line);
        }
    }

    /** Whether the child that runs now has said that it is ready. */
    synchronized boolean isReady() {
        return ready;
    }

    synchronized void nextChild() {
        ready = false;
    }
}
