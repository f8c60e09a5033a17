package io.forebay.jdbc.crash;

/**
 * SQLite in a file: the first database of a test has a rollback journal, which a kill leaves hot, the second a write-ahead log,
 * and so on in turn.
 */
class SqliteCrashTest extends CrashContract {
    private int databases;

    @Override
    final String freshDatabase() {
        int number = databases++;
        String mode = isWal(number) ? "WAL" : "DELETE";
        return "jdbc:sqlite:" + folder.resolve("database" + number).toAbsolutePath() + "?journal_mode=" + mode;
    }

    boolean isWal(int number) {
        return number % 2 == 1;
    }
}
