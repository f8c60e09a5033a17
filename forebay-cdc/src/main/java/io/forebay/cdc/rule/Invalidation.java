package io.forebay.cdc.rule;

import java.util.Map;
import java.util.Set;

/**
 * The entries that one change concerns.
 *
 * @param keys entries by key that go
 * @param tags entries with these tags go
 * @param prefixes entries whose key begins so go
 * @param refreshes entries by key that get a value; none of them is in {@code keys}
 * @param everything whether all entries go: it is not known which ones are concerned
 */
public record Invalidation(
        Set<String> keys, Set<String> tags, Set<String> prefixes, Map<String, Refresh> refreshes, boolean everything) {
    /** Concerns no entry. */
    public static final Invalidation NONE = new Invalidation(Set.of(), Set.of(), Set.of(), Map.of(), false);

    public Invalidation {
        keys = Set.copyOf(keys);
        tags = Set.copyOf(tags);
        prefixes = Set.copyOf(prefixes);
        refreshes = Map.copyOf(refreshes);
    }

    /** Whether no entry is concerned. */
    public boolean isEmpty() {
        return equals(NONE);
    }
}
