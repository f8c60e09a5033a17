package io.forebay.jdbc.model;

/** On SQLite, as a file with a write-ahead log. */
class SqliteWalRandomHistoryTest extends SqliteRandomHistoryTest {
    @Override
    String journalMode() {
        return "WAL";
    }
}
