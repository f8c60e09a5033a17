package io.forebay.kafka.cache;

/** What is held cannot be trusted: it has to be read anew. */
final class RebuildException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final RebuildReason reason;

    RebuildException(RebuildReason reason) {
        super(reason.name());
        this.reason = reason;
    }

    RebuildReason reason() {
        return reason;
    }
}
