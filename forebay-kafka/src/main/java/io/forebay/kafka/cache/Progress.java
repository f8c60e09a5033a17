package io.forebay.kafka.cache;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/** How far the reading is, and where the topic ends as of the last check. Thread-safe. */
final class Progress {
    private final LongSupplier nanoTime;
    private Map<Integer, Long> positions = Map.of(); // guarded by this
    private Map<Integer, Long> ends = Map.of(); // guarded by this
    private long checkedNanos; // guarded by this
    private long loadStartedNanos; // guarded by this
    private long loadNanos = -1; // guarded by this; -1 while loading
    private long loadedRecords; // guarded by this

    Progress(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.checkedNanos = nanoTime.getAsLong();
        this.loadStartedNanos = checkedNanos;
    }

    synchronized void loading() {
        loadStartedNanos = nanoTime.getAsLong();
        loadNanos = -1;
        loadedRecords = 0;
        positions = Map.of();
    }

    synchronized void read(Map<Integer, Long> to, int records) {
        positions = Map.copyOf(to);
        if (loadNanos < 0) loadedRecords += records;
    }

    synchronized void loaded() {
        if (loadNanos < 0) loadNanos = nanoTime.getAsLong() - loadStartedNanos;
    }

    synchronized void checked(Map<Integer, Long> at) {
        ends = Map.copyOf(at);
        checkedNanos = nanoTime.getAsLong();
    }

    /** By partition; a partition that was not read yet counts from offset 0. */
    synchronized Map<Integer, Long> lag() {
        Map<Integer, Long> lag = new HashMap<>();
        ends.forEach((partition, end) -> lag.put(partition, Math.max(0, end - positions.getOrDefault(partition, 0L))));
        return lag;
    }

    synchronized Map<Integer, Long> positions() {
        return positions;
    }

    synchronized Duration checkAge() {
        return Duration.ofNanos(nanoTime.getAsLong() - checkedNanos);
    }

    synchronized Duration loadTime() {
        return Duration.ofNanos(loadNanos < 0 ? nanoTime.getAsLong() - loadStartedNanos : loadNanos);
    }

    synchronized long loadedRecords() {
        return loadedRecords;
    }

    /** For a person: {@code partition 0 at 17 of 20, …}. */
    synchronized String describe() {
        if (ends.isEmpty()) return "the topic's end is not known yet";
        StringBuilder text = new StringBuilder();
        ends.forEach((partition, end) -> {
            if (text.length() > 0) text.append(", ");
            text.append("partition %d at %d of %d".formatted(partition, positions.getOrDefault(partition, 0L), end));
        });
        return text.toString();
    }
}
