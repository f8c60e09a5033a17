package io.forebay.cdc;

import io.forebay.cdc.event.ChangeRecord;
import io.forebay.cdc.event.Payload;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;

/** A source whose records a test makes. */
final class HandSource implements ChangeSource {
    private final AtomicReference<ChangeHandler> handler = new AtomicReference<>();
    private long offset;

    @Override
    public void start(ChangeHandler to, CdcListener listener) {
        handler.set(to);
    }

    /** Completes when the record is done. */
    CompletableFuture<Void> send(String key, String value) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        handler.get().handle(List.of(new Delivery("stream", record(key, value), () -> done.complete(null))));
        return done;
    }

    ChangeRecord record(String key, String value) {
        long number = ++offset;
        return new ChangeRecord(
                "server.public.users",
                0,
                number,
                key == null ? null : Payload.of(key),
                value == null ? null : Payload.of(value),
                Map.of(),
                null,
                OptionalLong.of(number));
    }

    CompletionStage<Void> gap(String reason) {
        return handler.get().gap(reason);
    }

    boolean isFull() {
        return handler.get().isFull();
    }

    @Override
    public boolean isHealthy() {
        return true;
    }

    @Override
    public void close(Duration timeout) {}
}
