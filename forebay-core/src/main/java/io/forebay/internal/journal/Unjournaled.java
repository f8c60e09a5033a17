package io.forebay.internal.journal;

import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** A log that keeps nothing, for a buffer whose content may end with its process. */
public final class Unjournaled implements FrameLog {
    private static final long ROUND_NANOS = 1_000_000;

    private Manifest manifest;

    public Unjournaled(int partitions) {
        this.manifest = Manifest.create(partitions);
    }

    @Override
    public boolean keepsFrames() {
        return false;
    }

    @Override
    public Manifest manifest() {
        return manifest;
    }

    @Override
    public void attach(UUID database) {
        manifest = manifest.attachedTo(database);
    }

    @Override
    public void checkpointWith(Supplier<ByteBuffer> state) {}

    @Override
    public void append(ByteBuffer body, long[] lastSequences) {}

    @Override
    public void appendUrgent(ByteBuffer body, long[] lastSequences) {}

    /** Takes about as long as a force does, so that windows have time to collect writes. */
    @Override
    public void force() {
        LockSupport.parkNanos(this, ROUND_NANOS);
    }

    @Override
    public void release(long[] watermarks) {}

    @Override
    public void reread(Replay replay) {}

    @Override
    public long usedBytes() {
        return 0;
    }

    @Override
    public void close() {}
}
