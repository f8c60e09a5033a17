package io.forebay.testkit.crash;

import java.util.Collections;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the parent read from its children's pipes, and so the only truth about what was acknowledged. A writer is one
 * thread of one child; it numbers its writes from 1. Thread-safe.
 */
public final class CrashAccount {
    private static final String END = ".";

    private final SortedMap<Long, Tally> writers = new TreeMap<>(); // guarded by this

    /**
     * One writer.
     *
     * @param id its number, of its own among all children
     * @param sent its last write that may have been made; it was announced before it was
     * @param acknowledged its last write that was acknowledged, and with it all before
     * @param flushed its writes that were acknowledged as being in the database
     * @param refused its writes that the journal refused: they never happened
     */
    public record Writer(long id, long sent, long acknowledged, SortedSet<Long> flushed, SortedSet<Long> refused) {
        public Writer {
            flushed = Collections.unmodifiableSortedSet(new TreeSet<>(flushed));
            refused = Collections.unmodifiableSortedSet(new TreeSet<>(refused));
        }

        /** Its last write that was acknowledged as being in the database; 0 if none was. */
        public long lastFlushed() {
            return flushed.isEmpty() ? 0 : flushed.last();
        }

        /** How many writes were acknowledged. */
        public long acknowledgedWrites() {
            return acknowledged - refused.headSet(acknowledged + 1).size();
        }
    }

    /** What is known of one writer. */
    private static final class Tally {
        private long sent;
        private long acknowledged;
        private final SortedSet<Long> flushed = new TreeSet<>();
        private final SortedSet<Long> refused = new TreeSet<>();

        private Writer writer(long id) {
            return new Writer(id, sent, acknowledged, flushed, refused);
        }
    }

    CrashAccount() {}

    /** Every writer that announced a write, by its number. */
    public synchronized SortedMap<Long, Writer> writers() {
        SortedMap<Long, Writer> all = new TreeMap<>();
        writers.forEach((id, tally) -> all.put(id, tally.writer(id)));
        return all;
    }

    /** How many writes were acknowledged in all. */
    public synchronized long acknowledged() {
        return writers.values().stream()
                .mapToLong(tally -> tally.writer(0).acknowledgedWrites())
                .sum();
    }

    /** How many writes may have been made in all. */
    public synchronized long sent() {
        return writers.values().stream().mapToLong(tally -> tally.sent).sum();
    }

    /** How many writes the journal refused in all. */
    public synchronized long refused() {
        return writers.values().stream()
                .mapToLong(tally -> tally.refused.size())
                .sum();
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
        switch (words[0]) {
            case CrashChild.SENDING -> tally(id).sent = number;
            case CrashChild.ACKNOWLEDGED -> tally(id).acknowledged = number;
            case CrashChild.FLUSHED -> tally(id).flushed.add(number);
            case CrashChild.REFUSED -> tally(id).refused.add(number);
            case CrashChild.READY -> {}
            default -> throw new IllegalStateException("a child said: " + line);
        }
    }

    private Tally tally(long writer) {
        return writers.computeIfAbsent(writer, id -> new Tally());
    }
}
