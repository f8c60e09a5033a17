package io.forebay.cdc.engine;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Tells by a connector's error that the server has no log any more for the stored position. */
final class LostHistory {
    private static final List<String> SIGNS = List.of(
            // PostgreSQL
            "can no longer get changes from replication slot",
            "can no longer access replication slot",
            "has already been removed",
            // MySQL and MariaDB
            "no longer available on the server",
            "purged binary logs",
            "could not find first log file name in binary log index file",
            "impossible position",
            "db history topic is missing",
            "unable to read object content", // of the history of schemas
            "db history topic or its content is fully or partially missing",
            // MongoDB
            "changestreamhistorylost",
            "resume of change stream was not possible",
            "resume point may no longer be in the oplog");

    private LostHistory() {}

    static boolean isSaidBy(@Nullable Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause())
            if (hasSign(String.valueOf(cause.getMessage()))) return true;
        return false;
    }

    static boolean hasSign(String message) {
        String lower = message.toLowerCase(Locale.ROOT);
        return SIGNS.stream().anyMatch(lower::contains);
    }
}
