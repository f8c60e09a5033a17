package io.forebay.internal.lifecycle;

import io.forebay.BufferPolicy;
import io.forebay.Durability;
import io.forebay.FlushPolicy;
import io.forebay.ForebayListener;
import io.forebay.JournalPolicy;
import java.util.regex.Pattern;

/** What an engine is opened with. */
public record EngineSettings(
        String name,
        Target target,
        int partitions,
        Durability durability,
        FlushPolicy flush,
        BufferPolicy buffer,
        JournalPolicy journal,
        ForebayListener listener) {
    /** What batches are handed to. */
    public enum Target {
        /** A database: it keeps the watermarks, and its partitions share one budget and a few threads. */
        DATABASE,
        /**
         * A function: it keeps nothing, so the journal keeps the watermarks; each partition has a budget and a thread, so
         * that one whose batches do not pass does not stop the others.
         */
        HANDLER
    }

    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9_-]{0,62}");

    /**
     * Makes sure that threads, directories and metrics can be called so.
     *
     * @param what it is the name of, for the message
     * @throws IllegalArgumentException if they cannot
     */
    public static String requireName(String what, String name) {
        if (NAME.matcher(name).matches()) return name;
        throw new IllegalArgumentException("%s name '%s' does not match %s".formatted(what, name, NAME));
    }
}
