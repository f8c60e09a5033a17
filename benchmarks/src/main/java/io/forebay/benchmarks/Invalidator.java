package io.forebay.benchmarks;

import java.util.List;

/** Takes events, each of which concerns two keys. Events are handed over by one thread. */
interface Invalidator extends AutoCloseable {
    /**
     * One event.
     *
     * @param row whose row has changed
     * @param done is run when Redis has acknowledged it
     */
    record Event(int row, Runnable done) {}

    /** Takes events and does not wait for them. */
    void take(List<Event> events);

    /** Whether it wants no more for now. */
    boolean isFull();

    @Override
    void close();
}
