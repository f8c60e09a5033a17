package io.forebay.state;

/** A listener that hears a channel, see {@link SharedState#subscribe}. Thread-safe. */
public interface Subscription extends AutoCloseable {
    /** No call of the listener begins after this one has returned; one that has begun may still go on. Never throws. */
    @Override
    void close();
}
