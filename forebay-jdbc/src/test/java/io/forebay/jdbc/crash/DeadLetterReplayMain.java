package io.forebay.jdbc.crash;

import com.zaxxer.hikari.HikariDataSource;
import io.forebay.jdbc.JdbcDeadLetters;
import io.forebay.testkit.crash.CrashChild;

/** Tries all dead letters again: URL, round. */
public final class DeadLetterReplayMain {
    private DeadLetterReplayMain() {}

    public static void main(String[] arguments) {
        CrashChild child = new CrashChild();
        try (HikariDataSource pool = Databases.poolOfChild(arguments[0])) {
            new JdbcDeadLetters(child.dataSource(pool, 0)).replay(entry -> true);
        }
    }
}
