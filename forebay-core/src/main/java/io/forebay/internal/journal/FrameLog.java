package io.forebay.internal.journal;

import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * Where group commits put their frames: a {@link Journal}, or nowhere. One thread uses it; {@link #usedBytes} is for
 * everyone.
 */
public interface FrameLog extends AutoCloseable {
    /** Whether frames can be read again. If not, nobody looks into them, and their bodies may be empty. */
    boolean keepsFrames();

    /** What this log is. */
    Manifest manifest();

    /** Notes the database that this log belongs to. */
    void attach(UUID database);

    /** Sets where checkpoints come from; empty ones by default. */
    void checkpointWith(Supplier<ByteBuffer> state);

    /** Writes one frame. */
    void append(ByteBuffer body, long[] lastSequences);

    /** Writes one small frame that a full log must not keep out. */
    void appendUrgent(ByteBuffer body, long[] lastSequences);

    /** Makes the last frame as durable as it gets here. */
    void force();

    /** Lets go of what is not needed any more. */
    void release(long[] watermarks);

    /** Hands out again all frames that are still there. */
    void reread(Replay replay);

    /** Bytes of disk taken. */
    long usedBytes();

    @Override
    void close();
}
