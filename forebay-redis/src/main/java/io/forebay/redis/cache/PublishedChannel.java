package io.forebay.redis.cache;

import io.forebay.redis.internal.RedisLink;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisException;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Invalidations by publish and subscribe. Each shard numbers its messages: one that is not the next means that some were
 * missed. The end of the row is asked for after each subscription and at each check, because the last message may be missed
 * as well.
 */
final class PublishedChannel implements NearChannel {
    private static final Logger LOG = LoggerFactory.getLogger(PublishedChannel.class);

    private final CacheStore store;
    private final Listener listener;
    private final LongSupplier nanoTime;
    private final StatefulRedisPubSubConnection<byte[], byte[]> connection;
    private final ReentrantLock lock = new ReentrantLock();
    private final List<CacheStore.@Nullable Said> heard =
            new ArrayList<>(); // by shard, null for nothing; guarded by lock
    private boolean ready; // guarded by lock
    private long subscription; // number of the one under way; guarded by lock
    private List<CacheStore.Said> expected = List.of(); // what must have been heard at the next check; guarded by lock
    private long expectedNanos; // guarded by lock

    PublishedChannel(RedisLink link, CacheStore store, Listener listener, LongSupplier nanoTime) {
        this.store = store;
        this.listener = listener;
        this.nanoTime = nanoTime;
        this.connection = link.connectPubSub();
        forget();
        connection.addListener(new RedisPubSubAdapter<>() {
            @Override
            public void message(byte[] channel, byte[] message) {
                try {
                    hear(new String(message, StandardCharsets.UTF_8));
                } catch (RuntimeException e) {
                    lose("a message was not understood: " + e.getMessage());
                }
            }

            @Override
            public void subscribed(byte[] channel, long count) {
                align();
            }
        });
        connection.addListener(new RedisConnectionStateListener() {
            @Override
            public void onRedisDisconnected(RedisChannelHandler<?, ?> lost) {
                lose("the connection was lost");
            }
        });
        subscribe();
    }

    @Override
    public void check() {
        lock.lock();
        try {
            if (!ready) {
                subscribe();
                return;
            }
        } finally {
            lock.unlock();
        }
        long asked = nanoTime.getAsLong();
        store.said().thenAccept(said -> compare(said, asked)).exceptionally(PublishedChannel::unanswered);
    }

    /** The client does it again by itself after a reconnect. */
    private void subscribe() {
        try {
            connection.async().subscribe(store.keys().channel()).exceptionally(PublishedChannel::unanswered);
        } catch (RedisException e) {
            unanswered(e); // the next check tries again
        }
    }

    private static @Nullable Void unanswered(Throwable e) {
        LOG.debug("Redis does not answer", e);
        return null;
    }

    /** Subscribed: from now on messages come. Those before it are not needed, because nothing is kept yet. */
    private void align() {
        long mine;
        lock.lock();
        try {
            if (ready) return;
            mine = ++subscription;
            forget();
        } finally {
            lock.unlock();
        }
        long asked = nanoTime.getAsLong();
        store.said().thenAccept(said -> begin(mine, said, asked)).exceptionally(PublishedChannel::unanswered);
    }

    private void begin(long mine, List<CacheStore.Said> said, long asked) {
        lock.lock();
        try {
            if (mine != subscription || ready) return;
            for (int shard = 0; shard < CacheKeys.SHARDS; shard++)
                if (isBehind(shard, said.get(shard))) heard.set(shard, said.get(shard));
            ready = true;
            listener.ready(asked);
        } finally {
            lock.unlock();
        }
    }

    /** What was asked for at the last check must have come by now; what is asked for now may still be on its way. */
    private void compare(List<CacheStore.Said> said, long asked) {
        lock.lock();
        try {
            if (!ready) return;
            for (int shard = 0; shard < expected.size(); shard++)
                if (isBehind(shard, expected.get(shard))) {
                    lose("messages were missed");
                    return;
                }
            if (!expected.isEmpty()) listener.confirmed(expectedNanos);
            if (isHeard(said)) listener.confirmed(asked);
            expected = said;
            expectedNanos = asked;
        } finally {
            lock.unlock();
        }
    }

    private boolean isHeard(List<CacheStore.Said> said) {
        for (int shard = 0; shard < CacheKeys.SHARDS; shard++) if (isBehind(shard, said.get(shard))) return false;
        return true;
    }

    private boolean isBehind(int shard, CacheStore.Said said) {
        CacheStore.Said last = heard.get(shard);
        return last == null || !last.id().equals(said.id()) || last.number() < said.number();
    }

    private void hear(String message) {
        String[] parts = message.split(" ", 4);
        int shard = Integer.parseInt(parts[0]);
        CacheStore.Said said = new CacheStore.Said(parts[1], Long.parseLong(parts[2]));
        Announcement what = Announcement.parse(parts[3]);
        lock.lock();
        try {
            CacheStore.Said last = heard.get(shard);
            if (ready && !follows(said, last)) lose("messages were missed");
            else listener.heard(what);
            if (isBehind(shard, said)) heard.set(shard, said);
        } finally {
            lock.unlock();
        }
    }

    /** An older one may come late, when the end of the row was asked for meanwhile. A new id begins with everything. */
    private static boolean follows(CacheStore.Said said, CacheStore.@Nullable Said last) {
        if (last == null || !last.id().equals(said.id())) return said.number() == 1;
        return said.number() <= last.number() + 1;
    }

    private void lose(String reason) {
        lock.lock();
        try {
            ready = false;
            subscription++;
            expected = List.of();
            listener.lost(reason);
        } finally {
            lock.unlock();
        }
    }

    private void forget() {
        heard.clear();
        for (int shard = 0; shard < CacheKeys.SHARDS; shard++) heard.add(null);
    }
}
