package io.forebay.testkit.crash;

import java.util.List;
import java.util.Optional;

/**
 * An instant on the way of a write at which a child ends itself, see {@link CrashChild}.
 *
 * @param stage where
 * @param occurrence at which time it comes there, counted from 1 since the child's start
 */
public record KillPoint(Stage stage, int occurrence) {
    private static final String PROPERTY = "forebay.crash.point";

    /** The places on the way of a write, in its order. */
    public enum Stage {
        /** A segment is about to be written to: what is in the frame is nowhere but in memory. */
        BEFORE_APPEND,
        /** Half of the sectors of such a write are written. */
        MID_APPEND,
        /** A frame was written to the journal, not yet forced. */
        APPENDED,
        /** The frame was forced, nothing was flushed of it. */
        FORCED,
        /** A batch was sealed, nothing of it was sent. */
        SEALED,
        /** In a transaction, after its first statement (a flush's compare-and-set, a dead letter's lock), before another. */
        MID_BATCH,
        /** The transaction's statements are done, COMMIT was not sent. */
        BEFORE_COMMIT,
        /** COMMIT is on its way while the process ends: it may arrive or not. */
        DURING_COMMIT,
        /** The database has committed, the sink does not know it. */
        AFTER_COMMIT,
        /** The batch was let go, and who waited for it told. */
        FLUSHED;

        /** Those within a transaction, also one that replays a dead letter. */
        public static final List<Stage> OF_A_TRANSACTION =
                List.of(MID_BATCH, BEFORE_COMMIT, DURING_COMMIT, AFTER_COMMIT);
    }

    public KillPoint {
        if (occurrence < 1) throw new IllegalArgumentException("occurrence must be at least 1, was " + occurrence);
    }

    /** The option that tells a child's JVM of it. */
    String jvmOption() {
        return "-D" + PROPERTY + "=" + this;
    }

    /** What this JVM was told, if it was started to end at a point. */
    static Optional<KillPoint> ofThisProcess() {
        return Optional.ofNullable(System.getProperty(PROPERTY)).map(KillPoint::parse);
    }

    private static KillPoint parse(String text) {
        String[] parts = text.split(":");
        return new KillPoint(Stage.valueOf(parts[0]), Integer.parseInt(parts[1]));
    }

    @Override
    public String toString() {
        return stage + ":" + occurrence;
    }
}
