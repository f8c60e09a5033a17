package io.forebay.internal.lifecycle;

import io.forebay.Ack;
import io.forebay.Position;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The receipt of several writes that share one frame: done when all of them are. */
final class GroupAck implements Ack {
    private final List<Ack> acks;

    GroupAck(List<Ack> acks) {
        this.acks = List.copyOf(acks);
    }

    @Override
    public void await() {
        acks.forEach(Ack::await);
    }

    @Override
    public void await(Duration timeout) {
        WriteAck.join(toCompletableFuture(), timeout);
    }

    @Override
    public void awaitFlushed() {
        acks.forEach(Ack::awaitFlushed);
    }

    @Override
    public CompletableFuture<Void> toCompletableFuture() {
        return CompletableFuture.allOf(
                acks.stream().map(Ack::toCompletableFuture).toArray(CompletableFuture[]::new));
    }

    /** Of the first write. */
    @Override
    public Position position() {
        return acks.get(0).position();
    }
}
