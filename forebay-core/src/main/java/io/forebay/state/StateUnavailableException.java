package io.forebay.state;

import org.jspecify.annotations.Nullable;

/** The state could not be reached, or did not answer in time. The call is never repeated by itself. */
public final class StateUnavailableException extends SharedStateException {
    private static final long serialVersionUID = 1L;

    private final boolean mayHaveHappened;

    public StateUnavailableException(String message, boolean mayHaveHappened, @Nullable Throwable cause) {
        super(message, cause);
        this.mayHaveHappened = mayHaveHappened;
    }

    /**
     * Whether the call may have taken effect all the same, because it was sent and its answer did not arrive: whoever
     * repeats an increment then may count it twice.
     */
    public boolean mayHaveHappened() {
        return mayHaveHappened;
    }

    @Override
    public boolean retryable() {
        return true;
    }
}
