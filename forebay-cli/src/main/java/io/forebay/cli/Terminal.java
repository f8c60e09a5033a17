package io.forebay.cli;

/** What the launcher script found out about the terminal. */
public final class Terminal {
    private static final int DEFAULT_COLUMNS = 80;
    private static final int MAX_COLUMNS = 120;
    private static final int MIN_COLUMNS = 60;

    private Terminal() {}

    /** Whether a person watches standard error. */
    public static boolean isWatched() {
        return Boolean.getBoolean("forebay.terminal");
    }

    /** Width to use for text: between 60 and 120. */
    public static int columns() {
        int columns = Integer.getInteger("forebay.columns", DEFAULT_COLUMNS);
        return Math.max(MIN_COLUMNS, Math.min(columns, MAX_COLUMNS));
    }
}
