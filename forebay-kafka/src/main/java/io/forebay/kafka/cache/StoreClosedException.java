package io.forebay.kafka.cache;

/** The generation was closed; its successor may be there already. */
final class StoreClosedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StoreClosedException() {
        super("the store is closed");
    }
}
