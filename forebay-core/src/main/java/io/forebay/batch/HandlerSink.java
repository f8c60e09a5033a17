package io.forebay.batch;

import io.forebay.spi.BaseRow;
import io.forebay.spi.Batch;
import io.forebay.spi.BatchResult;
import io.forebay.spi.FencedException;
import io.forebay.spi.PendingAppend;
import io.forebay.spi.Refused;
import io.forebay.spi.RowKey;
import io.forebay.spi.Sink;
import io.forebay.spi.TableInfo;
import io.forebay.spi.TransientSinkException;
import io.forebay.spi.Watermark;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Hands batches to a function. It knows how far each partition has come from the journal, which also keeps it. */
final class HandlerSink<T, R extends @Nullable Object> implements Sink {
    private final String name;
    private final BatchHandler<T, R> handler;
    private final Function<PendingAppend, T> read;
    private final @Nullable Object meta;
    private final Notices notices;
    private final List<Place> places = new ArrayList<>(); // complete before the first thread starts
    private final List<Results<R>> waiting = new CopyOnWriteArrayList<>();

    /** @param read the event in an append */
    HandlerSink(
            String name,
            BatchHandler<T, R> handler,
            Function<PendingAppend, T> read,
            @Nullable Object meta,
            Notices notices) {
        this.name = name;
        this.handler = handler;
        this.read = read;
        this.meta = meta;
        this.notices = notices;
    }

    /** Sets how far each partition had come. */
    HandlerSink<T, R> startingAt(List<Watermark> watermarks) {
        for (Watermark watermark : watermarks) places.add(new Place(watermark));
        return this;
    }

    /** One partition: who owns it, how far it has come, and which thread is in the handler for it. */
    private static final class Place {
        private Watermark watermark; // guarded by this
        private @Nullable Thread handling; // guarded by this

        private Place(Watermark watermark) {
            this.watermark = watermark;
        }

        private synchronized Watermark own() {
            watermark = new Watermark(watermark.epoch() + 1, watermark.sequence(), watermark.batch());
            return watermark;
        }

        private synchronized Watermark watermark() {
            return watermark;
        }

        private synchronized void enter() {
            handling = Thread.currentThread();
        }

        /** An interrupt that was meant for the handler ends with it. */
        private synchronized void leave() {
            if (handling != Thread.currentThread()) return;
            handling = null;
            boolean unused = Thread.interrupted();
        }

        private synchronized void interrupt() {
            if (handling != null) handling.interrupt();
        }

        private synchronized boolean isHandling() {
            return handling != null;
        }

        /** An attempt that was given up, and came to its end after all, moves nothing: its successor is under way. */
        private synchronized void reach(Batch batch) {
            if (batch.epoch() != watermark.epoch())
                throw new FencedException("a newer attempt has taken batch " + batch.id(), null);
            watermark = new Watermark(batch.epoch(), batch.to(), batch.id());
        }
    }

    /** What the handler returned since somebody began to wait. */
    static final class Results<R extends @Nullable Object> {
        private final List<R> results = new ArrayList<>(); // guarded by this

        private synchronized void add(R result) {
            results.add(result);
        }

        synchronized List<R> list() {
            return Collections.unmodifiableList(new ArrayList<>(results));
        }
    }

    /** Begins to collect results. */
    Results<R> collect() {
        Results<R> results = new Results<>();
        waiting.add(results);
        return results;
    }

    void stopCollecting(Results<R> results) {
        waiting.remove(results);
    }

    boolean isHandling(int partition) {
        return places.get(partition).isHandling();
    }

    @Override
    public String description() {
        return "handler of " + name;
    }

    @Override
    public UUID attach(UUID journal, int partitions, @Nullable UUID expected) {
        return journal;
    }

    @Override
    public TableInfo describe(String table) {
        throw new UnsupportedOperationException(description() + " has no tables");
    }

    @Override
    public Watermark own(UUID journal, int partition) {
        return places.get(partition).own();
    }

    @Override
    public BatchResult apply(Batch batch) {
        Place place = places.get(batch.partition());
        R result = handle(place, events(batch));
        place.reach(batch);
        for (Results<R> results : waiting) results.add(result);
        return new BatchResult(false, List.of(), 0, 1);
    }

    private EventBatch<T> events(Batch batch) {
        try {
            List<T> events = batch.appends().stream().map(read).toList();
            return new EventBatch<>(batch.id(), batch.partition(), events, meta);
        } catch (RuntimeException e) {
            throw new TransientSinkException(
                    "%s: an event of batch %s cannot be read: %s".formatted(name, batch.id(), e), e);
        }
    }

    /** Whatever it throws, an {@link Error} included, costs this attempt and nothing else. */
    private R handle(Place place, EventBatch<T> events) {
        notices.flushStarted(events);
        long start = System.nanoTime();
        Throwable failure = null;
        place.enter();
        try {
            return handler.handle(events);
        } catch (Throwable e) {
            failure = e;
            throw new TransientSinkException(
                    "%s: the handler failed for batch %s of %d events: %s"
                            .formatted(name, events.id(), events.events().size(), e),
                    e);
        } finally {
            place.leave();
            notices.flushStopped(events, Duration.ofNanos(System.nanoTime() - start), failure);
        }
    }

    @Override
    public BaseRow read(UUID journal, int partition, TableInfo table, RowKey key) {
        throw new UnsupportedOperationException(description() + " has no rows");
    }

    @Override
    public List<Watermark> watermarks(UUID journal) {
        return places.stream().map(Place::watermark).toList();
    }

    @Override
    public List<Refused> refused(UUID journal, int partition, long above) {
        return List.of();
    }

    /** Interrupts the handler; the thread is this buffer's own, and in no other code. */
    @Override
    public void abort(UUID journal, int partition) {
        places.get(partition).interrupt();
    }

    @Override
    public void close() {}
}
