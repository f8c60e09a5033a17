package io.forebay.jdbc.crash;

/** SQLite in a file with a write-ahead log. */
final class SqliteWalCrashTest extends SqliteCrashTest {
    @Override
    String journalMode() {
        return "WAL";
    }
}
