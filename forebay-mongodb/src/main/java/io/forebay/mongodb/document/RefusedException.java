package io.forebay.mongodb.document;

/** The server refuses the change for what the document holds; nothing of its update is done. */
final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    RefusedException(String message) {
        super(message, null, false, false);
    }
}
