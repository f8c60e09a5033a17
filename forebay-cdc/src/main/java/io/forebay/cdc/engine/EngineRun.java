package io.forebay.cdc.engine;

import io.debezium.engine.ChangeEvent;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.Header;
import io.debezium.engine.format.Json;
import io.debezium.engine.format.KeyValueHeaderChangeEventFormat;
import io.forebay.cdc.ChangeHandler;
import io.forebay.cdc.Delivery;
import io.forebay.cdc.event.ChangeRecord;
import io.forebay.cdc.event.Payload;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engine from one start to its stop. Nothing is ever thrown into it: after an error that may pass, it would take the next
 * batch and forget the rest of this one. A batch is handed on as a whole and is finished when all its records are done; until then
 * the engine waits.
 */
final class EngineRun
        implements DebeziumEngine.ChangeConsumer<ChangeEvent<String, String>>, DebeziumEngine.ConnectorCallback {
    private static final Logger LOG = LoggerFactory.getLogger(EngineRun.class);
    private static final String STREAM = "engine";
    private static final long LOOK_MILLIS = 50;

    private final ChangeHandler handler;
    private final @Nullable String gapReason;
    private final DebeziumEngine<ChangeEvent<String, String>> engine;
    private final boolean keepsChangesFromStart;
    private @Nullable CompletionStage<Void> gap; // null until it was told
    private volatile boolean stopped;
    private volatile boolean polling;
    private volatile @Nullable Throwable error;
    private long count;

    /**
     * @param gapReason why changes may have been missed until now, null if none was
     * @param keepsChangesFromStart whether the server keeps every change for the connector once its task has started
     */
    EngineRun(Properties properties, ChangeHandler handler, @Nullable String gapReason, boolean keepsChangesFromStart) {
        this.handler = handler;
        this.gapReason = gapReason;
        this.keepsChangesFromStart = keepsChangesFromStart;
        this.engine = DebeziumEngine.create(KeyValueHeaderChangeEventFormat.of(Json.class, Json.class, Json.class))
                .using(properties)
                .using((DebeziumEngine.ConnectorCallback) this)
                .using((success, message, cause) -> completed(success, message, cause))
                .notifying(this)
                .build();
    }

    /** Runs until {@link #stop} or an error; returns the error, null if there was none. */
    @Nullable
    Throwable run() {
        engine.run();
        polling = false;
        return error;
    }

    private void completed(boolean success, String message, @Nullable Throwable cause) {
        if (success || stopped) return;
        error = cause != null ? cause : new IllegalStateException(message);
    }

    boolean isPolling() {
        return polling;
    }

    /** Lets {@link #run} return. To be called again until it has: an engine that is just starting refuses to stop. */
    void stop() {
        stopped = true;
        try {
            engine.close();
        } catch (IOException | IllegalStateException e) {
            LOG.debug("the engine could not be stopped yet", e);
        }
    }

    /** A replication slot keeps what changes from here on. Connectors without one look for their beginning later. */
    @Override
    public void taskStarted() {
        if (keepsChangesFromStart) tellGap();
    }

    /** To be called when it is certain that whatever changes from now on is told. */
    private synchronized CompletionStage<Void> tellGap() {
        if (gap == null) gap = gapReason == null ? CompletableFuture.completedStage(null) : handler.gap(gapReason);
        return gap;
    }

    @Override
    public void pollingStarted() {
        polling = true;
    }

    @Override
    public void handleBatch(
            List<ChangeEvent<String, String>> records,
            DebeziumEngine.RecordCommitter<ChangeEvent<String, String>> committer)
            throws InterruptedException {
        awaitGap(tellGap()); // a record has a position, so the connector has found its beginning
        CountDownLatch open = new CountDownLatch(records.size());
        List<Delivery> deliveries = new ArrayList<>(records.size());
        for (ChangeEvent<String, String> record : records)
            deliveries.add(new Delivery(STREAM, record(record), open::countDown));
        handler.handle(deliveries);
        while (!open.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) requireRunning();
        for (ChangeEvent<String, String> record : records) committer.markProcessed(record);
        committer.markBatchFinished();
    }

    /** A position behind a gap must not be stored before everything was invalidated. */
    private void awaitGap(CompletionStage<Void> told) throws InterruptedException {
        while (!told.toCompletableFuture().isDone()) {
            requireRunning();
            TimeUnit.MILLISECONDS.sleep(1);
        }
    }

    /** Leaves the batch unfinished: it is told again after the next start. */
    private void requireRunning() throws InterruptedException {
        if (stopped) throw new InterruptedException("the source is being closed");
    }

    private ChangeRecord record(ChangeEvent<String, String> from) {
        return new ChangeRecord(
                from.destination() == null ? "" : from.destination(),
                from.partition() == null ? 0 : from.partition(),
                count++,
                payload(from.key()),
                payload(from.value()),
                headers(from),
                null,
                OptionalLong.empty());
    }

    private static Map<String, Payload> headers(ChangeEvent<String, String> from) {
        List<Header<String>> given = from.headers();
        Map<String, Payload> headers = new HashMap<>();
        for (Header<String> header : given)
            if (header.getValue() != null) headers.put(header.getKey(), Payload.of(header.getValue()));
        return headers;
    }

    private static @Nullable Payload payload(@Nullable String text) {
        return text == null ? null : Payload.of(text);
    }
}
