package io.forebay.redis;

import io.forebay.state.SharedStateException;
import io.forebay.state.StateUnavailableException;
import io.lettuce.core.RedisCommandExecutionException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the errors mean that Redis answers with. After each of them nothing was changed. */
final class RedisErrors {
    /** First words of errors that pass: a start, a failover, a script that takes long, too little memory or disk. */
    private static final Set<String> PASSING = Set.of(
            "LOADING", "BUSY", "TRYAGAIN", "CLUSTERDOWN", "MASTERDOWN", "READONLY", "OOM", "MISCONF", "NOREPLICAS");

    private RedisErrors() {}

    static boolean isWrongKind(RedisCommandExecutionException error) {
        return text(error).startsWith("WRONGTYPE");
    }

    static boolean isOverflow(@Nullable Throwable error) {
        return text(error).contains("would overflow");
    }

    static boolean isNoNumber(@Nullable Throwable error) {
        return text(error).contains("not an integer");
    }

    static SharedStateException refused(String what, RedisCommandExecutionException error) {
        String message = "Redis refused " + what + ": " + text(error);
        return passes(error)
                ? new StateUnavailableException(message, false, error)
                : new SharedStateException(message, error);
    }

    static boolean passes(RedisCommandExecutionException error) {
        return PASSING.contains(text(error).split(" ", 2)[0]);
    }

    private static String text(@Nullable Throwable error) {
        return error == null || error.getMessage() == null ? "" : error.getMessage();
    }
}
