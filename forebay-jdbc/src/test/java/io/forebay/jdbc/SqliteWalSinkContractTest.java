package io.forebay.jdbc;

import org.sqlite.SQLiteConfig;

/** With a write-ahead log. */
final class SqliteWalSinkContractTest extends SqliteSinkContractTest {
    @Override
    SQLiteConfig config() {
        SQLiteConfig config = super.config();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        return config;
    }
}
