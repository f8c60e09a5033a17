package io.forebay.internal.mutation;

/** A pending row was changed on top of a default that only the database knows: it has to be flushed to be read. */
public final class UnknownDefaultException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnknownDefaultException() {
        super("the row depends on a default that only the database knows", null, false, false);
    }
}
