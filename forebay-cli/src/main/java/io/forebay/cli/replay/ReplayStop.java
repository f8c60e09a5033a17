package io.forebay.cli.replay;

import io.forebay.ForebayException;
import io.forebay.ForebayListener;
import io.forebay.cli.CommandFailure;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** Why a replay should end early: a signal, or a partition that stopped. Thread-safe. */
final class ReplayStop implements ForebayListener {
    private static final int EXIT_BY_SIGNAL = 128;

    private final IntConsumer onFirst;
    private volatile int signal;
    private volatile @Nullable ForebayException halted;

    /** @param onFirst called with the number of the first signal */
    ReplayStop(IntConsumer onFirst) {
        this.onFirst = onFirst;
    }

    /** The first signal asks to stop, the second ends the process at once; the journal makes that lossless. */
    void onSignal(int number) {
        if (signal != 0) Runtime.getRuntime().halt(exitCode());
        signal = number;
        onFirst.accept(number);
    }

    boolean isAsked() {
        return signal != 0;
    }

    int exitCode() {
        return EXIT_BY_SIGNAL + signal;
    }

    @Override
    public void halted(String database, int partition, ForebayException reason) {
        halted = reason;
    }

    void throwIfHalted() {
        ForebayException reason = halted;
        if (reason != null)
            throw new CommandFailure("the database cannot take the writes: " + reason.getMessage(), reason);
    }
}
