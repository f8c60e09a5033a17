package io.forebay.cli.torture;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** What is done to the writing process, its database, its network and its disk. */
enum Fault {
    /** It is killed (SIGKILL), at a stage of a write or at no special instant. */
    KILL,
    /**
     * The connection of a flush is cut before its COMMIT, or the reply of its COMMIT is lost; where the database has an
     * address, connections are also reset on the wire, in the middle of whatever they carry.
     */
    CONNECTION_CUT,
    /** The database is killed and started again while it is written to. */
    DB_RESTART,
    /** The journal's disk is full now and then. */
    DISK_FULL,
    /** The shared journal, a Redis or a broker, is killed and started again while it is written to. */
    JOURNAL_RESTART;

    /**
     * Reads names with commas between them.
     *
     * @throws IllegalArgumentException if one is not the name of a fault; the message has those that are
     */
    static Set<Fault> parse(String names) {
        Set<Fault> faults = EnumSet.noneOf(Fault.class);
        for (String name : names.split(",")) faults.add(of(name.strip()));
        return faults;
    }

    private static Fault of(String name) {
        return Arrays.stream(values())
                .filter(fault -> fault.toString().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no fault '%s'; there is %s"
                        .formatted(
                                name,
                                Arrays.stream(values()).map(Fault::toString).collect(Collectors.joining(", ")))));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
