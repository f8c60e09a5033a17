package io.forebay.kafka.cache;

import org.jspecify.annotations.Nullable;

/** Makes the generations of one cache. One thread, but for {@link #close}. */
interface Stores<H> extends AutoCloseable {
    /**
     * The generation that an earlier cache left; null if there is none.
     *
     * @throws DamagedStoreException if there is one that cannot be read
     */
    @Nullable
    Store<H> reopen();

    /**
     * A new, empty generation; others stay.
     *
     * @param records how many are going to be read into it at most
     */
    Store<H> create(long records);

    @Override
    void close();

    /** The files are not what was written: they have been deleted, to be built anew. */
    final class DamagedStoreException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        DamagedStoreException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
