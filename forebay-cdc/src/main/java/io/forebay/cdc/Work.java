package io.forebay.cdc;

import io.forebay.cdc.event.ChangeEvent;
import io.forebay.cdc.event.ChangeRecord;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An event with the targets of it that are not done yet. Thread-safe. */
final class Work implements Waiter {
    private final ChangeEvent event;
    private final @Nullable ChangeRecord letterOf;
    private final Instant received;
    private final AtomicInteger open;
    private final Consumer<Work> finished;
    private volatile boolean refused;

    /**
     * @param letterOf what a dead letter is made of if a target is given up; null if there is one already
     * @param targets how many have to be done
     * @param finished is called once, when they are
     */
    Work(ChangeEvent event, @Nullable ChangeRecord letterOf, Instant received, int targets, Consumer<Work> finished) {
        this.event = event;
        this.letterOf = letterOf;
        this.received = received;
        this.open = new AtomicInteger(targets);
        this.finished = finished;
    }

    ChangeEvent event() {
        return event;
    }

    Instant received() {
        return received;
    }

    /** Whether a target of it was given up. */
    boolean isRefused() {
        return refused;
    }

    @Override
    public @Nullable ChangeRecord record() {
        return letterOf;
    }

    @Override
    public void done() {
        if (open.decrementAndGet() == 0) finished.accept(this);
    }

    @Override
    public void refused() {
        refused = true;
        done();
    }
}
