package io.forebay.cdc;

import java.time.Duration;

/**
 * Where changes come from. It remembers how far every record was done, and begins there when it is started again; what it
 * cannot be sure to have handed over is a gap.
 */
public interface ChangeSource extends AutoCloseable {
    /**
     * Begins to hand over records, on threads of its own, and goes on through all errors that may pass. To be called once.
     *
     * @param handler is called until {@link #close} has returned
     * @param listener hears of errors
     */
    void start(ChangeHandler handler, CdcListener listener);

    /** Whether it is connected and nothing is wrong. */
    boolean isHealthy();

    /** Stops, and remembers what was done until then. Waits for at most {@code timeout}. */
    void close(Duration timeout);

    /** {@link #close(Duration)} with ten seconds. */
    @Override
    default void close() {
        close(Duration.ofSeconds(10));
    }
}
