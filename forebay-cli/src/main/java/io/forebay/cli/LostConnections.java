package io.forebay.cli;

import com.zaxxer.hikari.SQLExceptionOverride;
import java.sql.SQLException;
import java.util.Set;

/** Tells a pool that an H2 connection is lost: its driver has codes of its own for that, which the pool does not know. */
public final class LostConnections implements SQLExceptionOverride {
    private static final Set<String> H2_STATES = Set.of(
            "90007", // the object is closed
            "90067", // the connection is broken
            "90098", // the database is closed
            "90121"); // the database is closed, with the JVM

    @java.lang.Override // not the nested one
    public Override adjudicate(SQLException error) {
        String state = error.getSQLState(); // SQLite has none
        return state != null && H2_STATES.contains(state) ? Override.MUST_EVICT : Override.CONTINUE_EVICT;
    }
}
