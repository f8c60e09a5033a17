package io.forebay;

/** What a write meets when the buffer is full. Nothing is ever dropped. */
public enum FullPolicy {
    /** It waits for room, up to {@link BufferPolicy#waitTimeout()}, then {@link BufferFullException}. The default. */
    BLOCK,
    /** {@link BufferFullException} at once. */
    REJECT
}
