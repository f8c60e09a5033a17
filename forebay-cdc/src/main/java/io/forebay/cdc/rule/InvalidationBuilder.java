package io.forebay.cdc.rule;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Collects what the rules say of one event. One thread. */
final class InvalidationBuilder {
    private final Set<String> keys = new HashSet<>();
    private final Set<String> tags = new HashSet<>();
    private final Set<String> prefixes = new HashSet<>();
    private final Map<String, Refresh> refreshes = new HashMap<>();
    private boolean everything;

    void keys(Set<String> more, Set<String> refreshed) {
        for (String key : more) if (!refreshed.contains(key)) keys.add(key);
    }

    void tags(Set<String> more) {
        tags.addAll(more);
    }

    void prefixes(Set<String> more) {
        prefixes.addAll(more);
    }

    void prefix(String one) {
        prefixes.add(one);
    }

    void refresh(String key, Refresh value) {
        refreshes.put(key, value);
    }

    void everything() {
        everything = true;
    }

    /** What one rule invalidates another does not refresh. */
    Invalidation build() {
        refreshes.keySet().removeAll(keys);
        return new Invalidation(keys, tags, prefixes, refreshes, everything);
    }
}
