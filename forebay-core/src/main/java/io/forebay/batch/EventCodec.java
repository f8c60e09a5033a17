package io.forebay.batch;

/**
 * Events as bytes, for a journal. Must go on reading what an earlier version of the program wrote. Thread-safe.
 *
 * @param <T> the events
 */
public interface EventCodec<T> {
    /**
     * The event as bytes; what it throws goes to the caller of {@link BatchBuffer#add}, and the event is not taken.
     */
    byte[] write(T event);

    /** The event these bytes were made of. If it throws, the batch is tried again, like one whose handler failed. */
    T read(byte[] bytes);
}
