package io.forebay.jdbc.crash;

/** The same, beginning with the write-ahead log. */
final class SqliteWalCrashTest extends SqliteCrashTest {
    @Override
    boolean isWal(int number) {
        return !super.isWal(number);
    }
}
