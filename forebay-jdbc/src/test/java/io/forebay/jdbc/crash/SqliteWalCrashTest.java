package io.forebay.jdbc.crash;

import org.junit.jupiter.api.Tag;

/** The same, beginning with the write-ahead log. */
@Tag("slow")
final class SqliteWalCrashTest extends SqliteCrashTest {
    @Override
    boolean isWal(int number) {
        return !super.isWal(number);
    }
}
