package io.forebay.internal.journal;

import java.nio.ByteBuffer;

/** Receives what a journal holds, oldest first. The buffers are read-only and valid only during the call. */
public interface Replay {
    /** The state at the start of the oldest segment there is: called once, before any frame; never for a new journal. */
    void checkpoint(ByteBuffer state);

    /** The body of one frame. */
    void frame(ByteBuffer body);
}
