package io.forebay.internal.journal;

import org.jspecify.annotations.Nullable;

/** What a frame is for. */
public enum FrameKind {
    /** First frame of every segment: the state before it. */
    CHECKPOINT(1),
    /** What was appended. */
    DATA(2),
    /** Last frame of a journal that was closed: nothing before it may be cut. */
    END(3);

    private final byte code;

    FrameKind(int code) {
        this.code = (byte) code;
    }

    byte code() {
        return code;
    }

    static @Nullable FrameKind of(byte code) {
        for (FrameKind kind : values()) {
            if (kind.code == code) return kind;
        }
        return null;
    }
}
