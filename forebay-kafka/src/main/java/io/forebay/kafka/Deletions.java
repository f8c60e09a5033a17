package io.forebay.kafka;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.apache.kafka.common.TopicPartition;

/** What the database holds and since when, so that it is deleted some time later. Thread-safe. */
final class Deletions {
    private static final long APART_NANOS = Duration.ofSeconds(1).toNanos();

    private final long keepNanos;
    private final LongSupplier nanoTime;
    private final Map<TopicPartition, Deque<Note>> notes = new HashMap<>(); // guarded by this

    private record Note(long upTo, long nanos) {}

    Deletions(Duration keep, LongSupplier nanoTime) {
        this.keepNanos = keep.toNanos();
        this.nanoTime = nanoTime;
    }

    /** The database holds everything up to a sequence. Notes of one second become one, as old as the first of them. */
    synchronized void note(TopicPartition partition, long upTo) {
        Deque<Note> known = notes.computeIfAbsent(partition, one -> new ArrayDeque<>());
        long now = nanoTime.getAsLong();
        Note last = known.peekLast();
        boolean isYoung = last != null && now - last.nanos() < APART_NANOS;
        if (isYoung) known.removeLast();
        known.add(new Note(upTo, isYoung ? last.nanos() : now));
    }

    /** What has been in the database for long enough, each once. */
    synchronized Map<TopicPartition, Long> takeDue() {
        Map<TopicPartition, Long> due = new HashMap<>();
        long now = nanoTime.getAsLong();
        notes.forEach((partition, known) -> {
            while (!known.isEmpty() && now - known.getFirst().nanos() >= keepNanos)
                due.put(partition, known.removeFirst().upTo());
        });
        return due;
    }
}
