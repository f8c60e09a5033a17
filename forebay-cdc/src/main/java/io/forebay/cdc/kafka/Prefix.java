package io.forebay.cdc.kafka;

import java.util.OptionalLong;
import java.util.TreeSet;

/** How far all records of a partition are done: those behind one that is not do not count. Thread-safe. */
final class Prefix {
    private final TreeSet<Long> underWay = new TreeSet<>(); // guarded by this
    private long end; // guarded by this: behind the last record that was taken
    private long committed; // guarded by this

    private Prefix(long start, long committed) {
        this.end = start;
        this.committed = committed;
    }

    /** Of a partition that is read on from what was committed. */
    static Prefix after(long committed) {
        return new Prefix(committed, committed);
    }

    /** Of a partition that is begun anew behind a gap: nothing is committed yet. */
    static Prefix behindGap(long start) {
        return new Prefix(start, -1);
    }

    synchronized void taken(long offset) {
        underWay.add(offset);
        end = offset + 1;
    }

    synchronized void done(long offset) {
        underWay.remove(offset);
    }

    /** Where to go on after a restart, if that is further than what is committed. */
    synchronized OptionalLong toCommit() {
        long reached = underWay.isEmpty() ? end : underWay.first();
        return reached > committed ? OptionalLong.of(reached) : OptionalLong.empty();
    }

    synchronized void committed(long offset) {
        committed = Math.max(committed, offset);
    }
}
