package io.forebay.benchmarks;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** {@code DEL} of an event's keys and one {@code PUBLISH} of them; what comes at once goes out at once. */
final class BareInvalidator implements Invalidator {
    private static final int MOST_UNDER_WAY = 20_000;

    private final RedisClient client;
    private final StatefulRedisConnection<String, String> connection;
    private final RedisAsyncCommands<String, String> commands;
    private final AtomicInteger underWay = new AtomicInteger();

    BareInvalidator(String redisUri) {
        this.client = RedisClient.create(redisUri);
        this.connection = client.connect();
        this.commands = connection.async();
        connection.setAutoFlushCommands(false);
    }

    @Override
    public void take(List<Event> events) {
        for (Event event : events) {
            String first = "customer:" + event.row();
            String second = "customer:email:c" + event.row() + "@example.org";
            underWay.incrementAndGet();
            commands.del(first, second);
            commands.publish("changes", first + ' ' + second).thenRun(() -> {
                underWay.decrementAndGet();
                event.done().run();
            });
        }
        connection.flushCommands();
    }

    @Override
    public boolean isFull() {
        return underWay.get() >= MOST_UNDER_WAY;
    }

    @Override
    public void close() {
        client.shutdown();
    }
}
