package io.forebay.jdbc.crash;

import com.zaxxer.hikari.HikariDataSource;
import io.forebay.Durability;
import io.forebay.Forebay;
import io.forebay.testkit.crash.CrashChild;
import io.forebay.testkit.crash.CrashWorkload;
import java.nio.file.Path;

/** The program that is killed: URL, journal, seed, durability, round. */
public final class CrashMain {
    private static final int LOSE_REPLY_OF = 17;

    private CrashMain() {}

    public static void main(String[] arguments) {
        CrashChild child = new CrashChild();
        Path journal = Path.of(arguments[1]);
        Durability durability = Durability.valueOf(arguments[3]);
        CrashWorkload workload = new CrashWorkload(Long.parseLong(arguments[2]), durability);
        try (HikariDataSource pool = Databases.poolOfChild(arguments[0]);
                Forebay forebay = Databases.busy(child.dataSource(pool, LOSE_REPLY_OF), journal)
                        .journal(child.journal(journal))
                        .durability(durability)
                        .listener(child.listener())
                        .build()) {
            workload.run(forebay, child, Integer.parseInt(arguments[4]));
            forebay.flushAndWait();
        }
    }
}
