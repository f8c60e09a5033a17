package io.forebay.internal.journal;

import java.nio.ByteBuffer;

/** Is told what a walk through a journal finds, oldest first. */
interface JournalVisitor {
    /** The segment whose frames follow. */
    default void segment(String name, SegmentHeader header) {}

    /** A frame that is as it was written. The body is valid only during the call. */
    void frame(FrameHeader frame, long offset, ByteBuffer body);

    /** A frame whose header can be read, but not its body; the walk ends with an exception. */
    default void damagedFrame(FrameHeader frame, long offset) {}

    /** The last frame was being written when the process or the machine died; it was never acknowledged. */
    default void unfinished(String segment, long offset) {}

    /** The newest segment was being made when the process or the machine died; it holds nothing. */
    default void halfMade(String segment) {}
}
