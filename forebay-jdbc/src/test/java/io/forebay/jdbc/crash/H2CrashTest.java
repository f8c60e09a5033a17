package io.forebay.jdbc.crash;

/** H2 in a file, its commits written at once. */
final class H2CrashTest extends CrashContract {
    private int databases;

    @Override
    String freshDatabase() {
        return "jdbc:h2:file:" + folder.resolve("database" + databases++).toAbsolutePath() + ";WRITE_DELAY=0";
    }
}
