package io.forebay;

/**
 * The journal holds something else than what was once written, at a place that was durable. It is left as it is: to go on
 * without it would lose acknowledged writes in silence, so a person decides. The message names file, offset and the command
 * that repairs the journal: it cuts it there, or rebuilds its manifest.
 */
public final class JournalDamagedException extends JournalException {
    private static final long serialVersionUID = 1L;

    private final String file;
    private final long offset;

    public JournalDamagedException(String directory, String file, long offset, String problem) {
        super(
                "journal %s is damaged: %s at offset %d: %s. To repair it, keeping what is taken out: forebay journal repair %s"
                        .formatted(directory, file, offset, problem, directory),
                null);
        this.file = file;
        this.offset = offset;
    }

    /** Name of the damaged file in the journal's directory. */
    public String file() {
        return file;
    }

    /** First byte of the frame or header that is damaged. */
    public long offset() {
        return offset;
    }

    @Override
    public boolean retryable() {
        return false;
    }
}
