package io.forebay.spi;

import java.util.Set;
import java.util.concurrent.CompletionStage;

/**
 * Caches that are told what has changed in a database. Thread-safe. Every method completes when it is done in all levels that are
 * shared, and near caches have been told; it completes exceptionally with a {@link RuntimeException} if that is not known, and can be
 * called again then: to invalidate twice does no harm.
 */
public interface InvalidationTarget extends AutoCloseable {
    /**
     * Makes sure that nothing that was loaded before now is served any more. It may let go of more than it was told.
     *
     * @param keys entries by key
     * @param tags entries that were stored with one of these tags
     * @param prefixes entries whose key begins with one of these; none of them is empty
     */
    CompletionStage<Void> invalidate(Set<String> keys, Set<String> tags, Set<String> prefixes);

    /**
     * Stores a value that the change itself brought, unless a newer one was stored. What is being loaded for the key meanwhile is not
     * stored.
     *
     * @param fence orders the changes of one key: only a strictly greater one wins
     */
    CompletionStage<Void> refresh(String key, byte[] value, long fence);

    /**
     * Makes sure that nothing of the namespace that was loaded before now is served any more. Fences from before do not count any
     * more: a source that begins anew may number its changes from 0.
     *
     * @param reason why, for logs and counters: what was missed
     */
    CompletionStage<Void> flush(String reason);

    @Override
    void close();
}
