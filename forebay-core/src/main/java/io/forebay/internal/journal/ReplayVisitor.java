package io.forebay.internal.journal;

import java.nio.ByteBuffer;

/** Hands the oldest checkpoint and all data frames to a replay. */
class ReplayVisitor implements JournalVisitor {
    private final Replay replay;
    private boolean started;

    ReplayVisitor(Replay replay) {
        this.replay = replay;
    }

    @Override
    public final void frame(FrameHeader frame, long offset, ByteBuffer body) {
        if (frame.kind() == FrameKind.DATA) replay.frame(body);
        if (frame.kind() == FrameKind.CHECKPOINT && !started) replay.checkpoint(body);
        started = true;
    }
}
