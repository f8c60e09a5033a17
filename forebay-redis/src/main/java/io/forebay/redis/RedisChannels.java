package io.forebay.redis;

import io.forebay.redis.internal.RedisAwayException;
import io.forebay.redis.internal.RedisLink;
import io.forebay.state.Subscription;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publish and subscribe. A channel is subscribed to in Redis while it has a listener. Commands are sent under the lock, so
 * that Redis gets them in the order of the changes they follow from, and waited for without it. Listeners are called by
 * one thread of their own, because one of the client's must not wait.
 */
final class RedisChannels implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RedisChannels.class);
    private static final int CAPACITY = 10_000;

    private final RedisLink link;
    private final StatefulRedisPubSubConnection<byte[], byte[]> connection;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<ByteBuffer, List<Listening>> listeners = new HashMap<>(); // by channel; guarded by lock
    private final AtomicLong missed = new AtomicLong();
    private final ThreadPoolExecutor deliveries = new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(CAPACITY),
            RedisChannels::daemon,
            (task, pool) -> miss(pool));

    RedisChannels(RedisLink link) {
        this.link = link;
        this.connection = link.connectPubSub();
        connection.addListener(new RedisPubSubAdapter<>() {
            @Override
            public void message(byte[] channel, byte[] message) {
                deliveries.execute(() -> deliver(ByteBuffer.wrap(channel), message));
            }
        });
    }

    /** One subscription. */
    private final class Listening implements Subscription {
        private final String name;
        private final ByteBuffer channel;
        private final Consumer<Object> listener;
        private volatile boolean closed;

        Listening(String name, ByteBuffer channel, Consumer<Object> listener) {
            this.name = name;
            this.channel = channel;
            this.listener = listener;
        }

        void hear(byte[] message) {
            if (closed) return;
            try {
                listener.accept(JsonCodec.value(message));
            } catch (RuntimeException | Error e) {
                LOG.warn("a listener of channel '{}' failed", name, e);
            }
        }

        @Override
        public void close() {
            if (closed) return;
            closed = true;
            forget(this);
        }
    }

    Subscription subscribe(String name, Consumer<Object> listener) {
        byte[] channel = key(name);
        Listening listening = new Listening(name, ByteBuffer.wrap(channel), listener);
        try {
            link.await(() -> begin(listening, channel));
            return listening;
        } catch (RedisAwayException | RedisCommandExecutionException e) {
            listening.close();
            throw e;
        }
    }

    long publish(String name, byte[] message) {
        return link.call(it -> it.publish(key(name), message));
    }

    @Override
    public void close() {
        deliveries.shutdown(); // what is in it finds its listeners closed
        lock.lock();
        try {
            listeners.values().forEach(all -> all.forEach(it -> it.closed = true));
            listeners.clear();
        } finally {
            lock.unlock();
        }
    }

    /** Also for a channel that is subscribed to already: the answer says that it still is. */
    private RedisFuture<Void> begin(Listening listening, byte[] channel) {
        lock.lock();
        try {
            listeners
                    .computeIfAbsent(listening.channel, it -> new ArrayList<>())
                    .add(listening);
            return connection.async().subscribe(channel);
        } finally {
            lock.unlock();
        }
    }

    private void forget(Listening listening) {
        lock.lock();
        try {
            List<Listening> all = listeners.get(listening.channel);
            if (all == null || !all.remove(listening) || !all.isEmpty()) return;
            listeners.remove(listening.channel);
            connection.async().unsubscribe(key(listening.name)).exceptionally(e -> staysSubscribed(listening, e));
        } catch (RedisException e) {
            staysSubscribed(listening, e);
        } finally {
            lock.unlock();
        }
    }

    private static @Nullable Void staysSubscribed(Listening listening, Throwable e) {
        LOG.debug("channel '{}' stays subscribed to, with no listener", listening.name, e);
        return null;
    }

    private void deliver(ByteBuffer channel, byte[] message) {
        List<Listening> all;
        lock.lock();
        try {
            all = List.copyOf(listeners.getOrDefault(channel, List.of()));
        } finally {
            lock.unlock();
        }
        all.forEach(listening -> listening.hear(message));
    }

    private void miss(ThreadPoolExecutor pool) {
        if (pool.isShutdown()) return; // closed, and nobody listens
        if (missed.incrementAndGet() == 1) LOG.warn("listeners are {} messages behind and miss some", CAPACITY);
        else LOG.debug("listeners have missed {} messages", missed);
    }

    private byte[] key(String channel) {
        return link.key("channel:" + channel);
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "forebay-redis-listeners");
        thread.setDaemon(true);
        return thread;
    }
}
