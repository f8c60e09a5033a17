package io.forebay.testkit;

import io.forebay.spi.ColumnChange;
import io.forebay.spi.DeadLetter;

/** Adds up where increments of users went: into the table, or into the dead letters. */
final class Accounts {
    private Accounts() {}

    static long hits(MemorySink database) {
        long inTable = database.table("users").rows().values().stream()
                .mapToLong(row -> (long) row.get("hits"))
                .sum();
        return inTable
                + database.deadLetters().stream().mapToLong(Accounts::hits).sum();
    }

    private static long hits(DeadLetter letter) {
        ColumnChange change = letter.stage().columns().get("hits");
        if (change instanceof ColumnChange.Add add) return add.delta().longValue();
        return change instanceof ColumnChange.Set set ? (long) set.value() : 0;
    }
}
