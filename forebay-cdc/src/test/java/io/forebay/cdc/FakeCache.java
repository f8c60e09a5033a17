package io.forebay.cdc;

import io.forebay.spi.InvalidationTarget;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;

/** A cache that keeps its promises, or fails as it is told to. Thread-safe. */
public final class FakeCache implements InvalidationTarget {
    private final Map<String, String> entries = new HashMap<>();
    private final Map<String, Set<String>> tagged = new HashMap<>();
    private final Map<String, Long> fences = new HashMap<>();
    private final List<String> calls = new ArrayList<>();
    private final List<String> flushes = new ArrayList<>();
    private Predicate<String> refuses = name -> false;
    private RuntimeException refusal = new IllegalStateException("refused");
    private boolean away;
    private CompletableFuture<Void> gate = CompletableFuture.completedFuture(null);

    /** As a reader does who loaded it. */
    public synchronized void put(String key, String value, String... tags) {
        entries.put(key, value);
        for (String tag : tags)
            tagged.computeIfAbsent(tag, none -> new java.util.HashSet<>()).add(key);
    }

    public synchronized String get(String key) {
        return entries.get(key);
    }

    public synchronized Map<String, String> entries() {
        return new HashMap<>(entries);
    }

    public synchronized List<String> flushes() {
        return List.copyOf(flushes);
    }

    /** Every call that was made, acknowledged or not: {@code invalidate [a, b]}, {@code refresh a=v}, {@code flush}. */
    public synchronized List<String> calls() {
        return List.copyOf(calls);
    }

    public synchronized void away(boolean isAway) {
        away = isAway;
    }

    public synchronized void refuse(Predicate<String> names, RuntimeException with) {
        refuses = names;
        refusal = with;
    }

    /** Holds back what is called from now on until the gate is completed. */
    public synchronized void gate(CompletableFuture<Void> until) {
        gate = until;
    }

    @Override
    public synchronized CompletionStage<Void> invalidate(Set<String> keys, Set<String> tags, Set<String> prefixes) {
        List<String> all = new ArrayList<>(keys);
        tags.forEach(tag -> all.add("#" + tag));
        prefixes.forEach(prefix -> all.add(prefix + "*"));
        all.sort(null);
        calls.add("invalidate " + all);
        return answer(all, () -> {
            entries.keySet().removeAll(keys);
            tags.forEach(tag -> entries.keySet().removeAll(tagged.getOrDefault(tag, Set.of())));
            entries.keySet().removeIf(key -> prefixes.stream().anyMatch(key::startsWith));
        });
    }

    @Override
    public synchronized CompletionStage<Void> refresh(String key, byte[] value, long fence) {
        calls.add("refresh " + key);
        return answer(List.of(key), () -> {
            if (fence <= fences.getOrDefault(key, Long.MIN_VALUE)) return;
            fences.put(key, fence);
            entries.put(key, new String(value, StandardCharsets.UTF_8));
        });
    }

    @Override
    public synchronized CompletionStage<Void> flush(String reason) {
        calls.add("flush");
        return answer(List.of(), () -> {
            entries.clear();
            fences.clear();
            flushes.add(reason);
        });
    }

    private CompletionStage<Void> answer(List<String> names, Runnable work) {
        if (away) return CompletableFuture.failedFuture(new IllegalStateException("the cache is away"));
        if (names.stream().anyMatch(refuses)) return CompletableFuture.failedFuture(refusal);
        if (gate.isDone()) {
            work.run();
            return CompletableFuture.completedFuture(null);
        }
        return gate.thenRun(() -> {
            synchronized (this) {
                work.run();
            }
        });
    }

    @Override
    public void close() {}
}
