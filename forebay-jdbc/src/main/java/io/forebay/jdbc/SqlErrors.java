package io.forebay.jdbc;

import io.forebay.spi.SchemaFaultException;
import io.forebay.spi.SinkException;
import io.forebay.spi.TransientSinkException;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Tells errors apart by SQLSTATE, as the database behind them gives it or as its own codes say it. An exception may carry others ({@link SQLException#getNextException}, its cause): a
 * single transient one decides, because a database that rolled everything back in mid-batch (a deadlock) may go on with
 * the rest of the batch as if nothing had been; an error nobody knows counts as transient only if no other is known.
 */
final class SqlErrors {
    /** For databases and drivers that give the SQLSTATE of the standard. */
    static final SqlErrors STANDARD = new SqlErrors(SQLException::getSQLState);

    private static final String UNKNOWN_STATE = "HY000";

    private final Function<SQLException, @Nullable String> stateOf;

    /** With a function that tells the SQLSTATE of one exception, whatever others it carries. */
    SqlErrors(Function<SQLException, @Nullable String> stateOf) {
        this.stateOf = stateOf;
    }

    ErrorKind kind(SQLException error) {
        ErrorKind worst = null;
        for (SQLException part : parts(error)) {
            ErrorKind kind = byState(stateOf.apply(part));
            if (kind == ErrorKind.TRANSIENT) return kind;
            if (kind == ErrorKind.SCHEMA || worst == null) worst = kind;
        }
        return worst == null ? ErrorKind.TRANSIENT : worst;
    }

    /** What an SQLSTATE alone says; null if nobody knows. */
    static @Nullable ErrorKind byState(@Nullable String state) {
        if (state == null || state.length() != 5) return null;
        return switch (state) {
            case "P0001", "45000", "44000" -> ErrorKind.DATA; // raised by a trigger; a view's check option
            case "21000" -> ErrorKind.SCHEMA; // one statement met a row twice: two spellings of one key
            case "XX001" -> ErrorKind.SCHEMA; // the database's own files are damaged: trying again mends nothing
            case "42P05" -> ErrorKind.TRANSIENT; // a prepared statement of another session: a pooler between
            default -> byClass(state.substring(0, 2));
        };
    }

    private static @Nullable ErrorKind byClass(String stateClass) {
        return switch (stateClass) {
            case "22", "23", "54" -> ErrorKind.DATA; // 54: the row is larger than the database can hold
            case "42", "3F" -> ErrorKind.SCHEMA;
            case "08", "25", "26", "28", "40", "53", "55", "57", "58", "HY" -> ErrorKind.TRANSIENT;
            default -> null;
        };
    }

    /** The SQLSTATE of the part that made it what it is. */
    String state(SQLException error) {
        String state = stateOf.apply(decisive(error));
        return state == null ? UNKNOWN_STATE : state;
    }

    /** What the database said, without the driver's wrapping. */
    String message(SQLException error) {
        String message = decisive(error).getMessage();
        return message == null ? error.toString() : message;
    }

    /** The error as the engine understands it; data errors outside of a row's own savepoint are schema faults. */
    SinkException translate(String doing, SQLException error) {
        String message = doing + ": " + message(error) + " (SQLSTATE " + state(error) + ")";
        return kind(error) == ErrorKind.TRANSIENT
                ? new TransientSinkException(message, error)
                : new SchemaFaultException(message, error);
    }

    private SQLException decisive(SQLException error) {
        ErrorKind kind = kind(error);
        for (SQLException part : parts(error))
            if (byState(stateOf.apply(part)) == kind && !(part instanceof BatchUpdateException)) return part;
        return error;
    }

    private static List<SQLException> parts(SQLException error) {
        List<SQLException> parts = new ArrayList<>();
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Throwable> open = new ArrayDeque<>(List.of(error));
        while (!open.isEmpty()) {
            Throwable next = open.pop();
            if (!seen.add(next)) continue;
            if (next.getCause() != null) open.push(next.getCause());
            if (next instanceof SQLException sql) {
                parts.add(sql);
                if (sql.getNextException() != null) open.push(sql.getNextException());
            }
        }
        return parts;
    }
}
