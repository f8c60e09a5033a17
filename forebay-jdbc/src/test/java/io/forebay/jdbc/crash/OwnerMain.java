package io.forebay.jdbc.crash;

import com.zaxxer.hikari.HikariDataSource;
import io.forebay.Forebay;
import io.forebay.HaltedException;
import io.forebay.Table;
import java.nio.file.Path;

/** Increments rows of every partition until all of them refuse, and says each acknowledged round: URL, journal. */
public final class OwnerMain {
    static final int ROWS = 32;
    static final String REFUSED = "refused by all";

    private OwnerMain() {}

    public static void main(String[] arguments) {
        try (HikariDataSource pool = Databases.pool(arguments[0]);
                Forebay forebay = Databases.busy(pool, Path.of(arguments[1])).build()) {
            Table owned = forebay.table("owned");
            for (int round = 1; refused(owned) < ROWS; round++) System.out.println(round);
            System.out.println(REFUSED);
        }
    }

    /** One increment of each row; returns how many were refused because a newer owner has their partition. */
    private static int refused(Table owned) {
        int refused = 0;
        for (int row = 0; row < ROWS; row++) {
            try {
                owned.row(row).increment("hits").await();
            } catch (HaltedException e) {
                refused++;
            }
        }
        return refused;
    }
}
