package io.forebay.redis.cache;

import io.forebay.redis.internal.RedisLink;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisException;
import io.lettuce.core.TrackingArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.push.PushMessage;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Invalidations by Redis's own tracking of keys, pushed to a connection that does nothing else. Tracking ends with its
 * connection, and the client does not begin it again: that is done here, before anything is served.
 */
final class TrackedChannel implements NearChannel {
    private static final Logger LOG = LoggerFactory.getLogger(TrackedChannel.class);

    private final Listener listener;
    private final LongSupplier nanoTime;
    private final StatefulRedisConnection<byte[], byte[]> connection;
    private final TrackingArgs tracking;
    private final ReentrantLock lock = new ReentrantLock();
    private boolean ready; // guarded by lock
    private long session; // of the connection; guarded by lock

    TrackedChannel(RedisLink link, CacheKeys keys, Listener listener, LongSupplier nanoTime) {
        this.listener = listener;
        this.nanoTime = nanoTime;
        this.connection = link.connect();
        this.tracking = TrackingArgs.Builder.enabled()
                .bcast()
                .prefixes(StandardCharsets.UTF_8, keys.trackedPrefixes().toArray(String[]::new));
        connection.addListener(this::hear);
        connection.addListener(new RedisConnectionStateListener() {
            @Override
            public void onRedisConnected(RedisChannelHandler<?, ?> come, SocketAddress address) {
                track();
            }

            @Override
            public void onRedisDisconnected(RedisChannelHandler<?, ?> gone) {
                lose("the connection was lost");
            }
        });
        track();
    }

    @Override
    public void check() {
        if (!isReady()) {
            track();
            return;
        }
        long asked = nanoTime.getAsLong();
        long mine = session();
        try {
            connection
                    .async()
                    .ping()
                    .thenAccept(pong -> confirm(mine, asked))
                    .exceptionally(TrackedChannel::unanswered);
        } catch (RedisException e) {
            unanswered(e); // the connection's end is heard of elsewhere
        }
    }

    private void track() {
        long mine = session();
        long asked = nanoTime.getAsLong();
        try {
            connection
                    .async()
                    .clientTracking(tracking)
                    .thenAccept(ok -> begin(mine, asked))
                    .exceptionally(TrackedChannel::unanswered);
        } catch (RedisException e) {
            unanswered(e); // the next check tries again
        }
    }

    private static @Nullable Void unanswered(Throwable e) {
        LOG.debug("Redis does not answer", e);
        return null;
    }

    private void begin(long mine, long asked) {
        lock.lock();
        try {
            if (mine != session || ready) return;
            ready = true;
            listener.ready(asked);
        } finally {
            lock.unlock();
        }
    }

    private void confirm(long mine, long asked) {
        lock.lock();
        try {
            if (mine == session && ready) listener.confirmed(asked);
        } finally {
            lock.unlock();
        }
    }

    private void lose(String reason) {
        lock.lock();
        try {
            ready = false;
            session++;
            listener.lost(reason);
        } finally {
            lock.unlock();
        }
    }

    private boolean isReady() {
        lock.lock();
        try {
            return ready;
        } finally {
            lock.unlock();
        }
    }

    private long session() {
        lock.lock();
        try {
            return session;
        } finally {
            lock.unlock();
        }
    }

    /** A push without keys means that all of them are gone. */
    private void hear(PushMessage message) {
        if (!message.getType().equals("invalidate")) return;
        Object names = message.getContent(
                        it -> StandardCharsets.UTF_8.decode(it).toString())
                .get(1);
        listener.heard(names instanceof List<?> changed ? announcement(changed) : Announcement.EVERYTHING);
    }

    private static Announcement announcement(List<?> changed) {
        Set<String> keys = new HashSet<>();
        Set<String> tags = new HashSet<>();
        Set<String> prefixes = new HashSet<>();
        for (Object name : changed) {
            String what = CacheKeys.afterShard(String.valueOf(name));
            if (what.startsWith(CacheKeys.VALUE)) keys.add(what.substring(CacheKeys.VALUE.length()));
            else if (what.startsWith(CacheKeys.TAG_SIGNAL)) tags.add(what.substring(CacheKeys.TAG_SIGNAL.length()));
            else if (what.startsWith(CacheKeys.PREFIX_SIGNAL))
                prefixes.add(what.substring(CacheKeys.PREFIX_SIGNAL.length()));
            else return Announcement.EVERYTHING;
        }
        return Announcement.of(keys, tags, prefixes);
    }
}
