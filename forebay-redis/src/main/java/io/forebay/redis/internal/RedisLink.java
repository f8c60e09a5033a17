package io.forebay.redis.internal;

import io.forebay.redis.RedisAddress;
import io.forebay.redis.RedisSettings;
import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.resource.ClientResources;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A connection to one Redis, to the primary that Sentinels name, or to a cluster; it comes back by itself when it was
 * lost. A command is sent at most once: while there is no connection it is refused at once, and one whose answer was lost
 * with the connection fails and is not repeated. Thread-safe.
 */
public final class RedisLink implements AutoCloseable {
    private final RedisSettings settings;
    private final ClientResources resources;
    private final AbstractRedisClient client;
    private final RedisClusterAsyncCommands<byte[], byte[]> commands;
    private final Supplier<StatefulRedisPubSubConnection<byte[], byte[]>> pubSub;
    private final Supplier<StatefulRedisConnection<byte[], byte[]>> another;

    private RedisLink(
            RedisSettings settings,
            ClientResources resources,
            AbstractRedisClient client,
            RedisClusterAsyncCommands<byte[], byte[]> commands,
            Supplier<StatefulRedisPubSubConnection<byte[], byte[]>> pubSub,
            Supplier<StatefulRedisConnection<byte[], byte[]>> another) {
        this.settings = settings;
        this.resources = resources;
        this.client = client;
        this.commands = commands;
        this.pubSub = pubSub;
        this.another = another;
    }

    /**
     * Connects.
     *
     * @throws RedisAwayException if that does not succeed
     */
    public static RedisLink open(RedisSettings settings) {
        ClientResources resources = LettuceSettings.resources();
        try {
            boolean cluster = settings.address().kind() == RedisAddress.Kind.CLUSTER;
            return cluster ? toCluster(settings, resources) : toOne(settings, resources);
        } catch (RedisException e) {
            shutDown(resources, settings);
            throw away(settings, "cannot be connected to", false, e);
        }
    }

    private static RedisLink toOne(RedisSettings settings, ClientResources resources) {
        RedisClient client =
                RedisClient.create(resources, LettuceSettings.uris(settings).get(0));
        client.setOptions(LettuceSettings.options(settings));
        return orShutDown(
                client,
                () -> new RedisLink(
                        settings,
                        resources,
                        client,
                        client.connect(ByteArrayCodec.INSTANCE).async(),
                        () -> client.connectPubSub(ByteArrayCodec.INSTANCE),
                        () -> client.connect(ByteArrayCodec.INSTANCE)));
    }

    private static RedisLink toCluster(RedisSettings settings, ClientResources resources) {
        RedisClusterClient client = RedisClusterClient.create(resources, LettuceSettings.uris(settings));
        client.setOptions(LettuceSettings.clusterOptions(settings));
        return orShutDown(client, () -> {
            StatefulRedisClusterConnection<byte[], byte[]> connection = client.connect(ByteArrayCodec.INSTANCE);
            connectToPrimaries(connection);
            return new RedisLink(
                    settings,
                    resources,
                    client,
                    connection.async(),
                    () -> client.connectPubSub(ByteArrayCodec.INSTANCE),
                    () -> {
                        throw new UnsupportedOperationException("a cluster has no single node that knows all keys");
                    });
        });
    }

    /** Otherwise the client makes each connection at the first command that needs it, and refuses that one meanwhile. */
    private static void connectToPrimaries(StatefulRedisClusterConnection<byte[], byte[]> connection) {
        for (RedisClusterNode node : connection.getPartitions())
            if (node.is(RedisClusterNode.NodeFlag.UPSTREAM))
                connection.getConnection(node.getUri().getHost(), node.getUri().getPort());
    }

    private static RedisLink orShutDown(AbstractRedisClient client, Supplier<RedisLink> connecting) {
        try {
            return connecting.get();
        } catch (RedisException e) {
            client.shutdown(0, 0, TimeUnit.MILLISECONDS);
            throw e;
        }
    }

    /** The bytes of a key or channel: the prefix of the settings, and the name. */
    public byte[] key(String name) {
        return (settings.prefix() + name).getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Sends a command and waits for its answer, at most as long as the settings say. Must not be called by a thread of the
     * client.
     *
     * @return the answer, null if Redis has none
     * @throws RedisCommandExecutionException if Redis answers with an error
     * @throws RedisAwayException if it does not answer
     */
    public <T> T call(Function<RedisClusterAsyncCommands<byte[], byte[]>, RedisFuture<T>> command) {
        return await(() -> command.apply(commands));
    }

    /** The same for a command that is sent on another connection of this link. */
    public <T> T await(Supplier<RedisFuture<T>> sending) {
        RedisFuture<T> answer;
        try {
            answer = sending.get();
        } catch (RedisException e) {
            throw away(settings, "refuses commands", false, e); // by the client, which has sent nothing
        }
        return answered(answer);
    }

    private <T> T answered(RedisFuture<T> answer) {
        try {
            return answer.get(settings.timeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RedisCommandExecutionException refused) throw refused;
            throw away(settings, "did not answer", LettuceSettings.mayBeSent(e.getCause()), e.getCause());
        } catch (TimeoutException e) {
            answer.cancel(false);
            throw away(settings, "did not answer within " + settings.timeout(), true, e);
        } catch (CancellationException e) {
            throw away(settings, "did not answer before this connection was closed", true, e);
        } catch (InterruptedException e) {
            answer.cancel(false);
            Thread.currentThread().interrupt();
            throw away(settings, "was not waited for: the thread was interrupted", true, e);
        }
    }

    /**
     * Runs a script that returns a whole number; Redis gets its text only if it does not know it. Otherwise as {@link #call}.
     *
     * @return the number, null if the script returned nothing
     */
    public @Nullable Long number(Script script, List<byte[]> keys, List<byte[]> arguments) {
        byte[][] names = keys.toArray(byte[][]::new);
        byte[][] values = arguments.toArray(byte[][]::new);
        return run(
                it -> it.evalsha(script.hash(), ScriptOutputType.INTEGER, names, values),
                it -> it.eval(script.source(), ScriptOutputType.INTEGER, names, values));
    }

    /**
     * The same for a script that returns a list.
     *
     * @return its elements: {@code byte[]}, {@code Long}, a list of such, or null
     */
    public List<@Nullable Object> list(Script script, List<byte[]> keys, List<byte[]> arguments) {
        byte[][] names = keys.toArray(byte[][]::new);
        byte[][] values = arguments.toArray(byte[][]::new);
        return run(
                it -> it.evalsha(script.hash(), ScriptOutputType.MULTI, names, values),
                it -> it.eval(script.source(), ScriptOutputType.MULTI, names, values));
    }

    private <T> T run(
            Function<RedisClusterAsyncCommands<byte[], byte[]>, RedisFuture<T>> byHash,
            Function<RedisClusterAsyncCommands<byte[], byte[]>, RedisFuture<T>> byText) {
        try {
            return call(byHash);
        } catch (RedisNoScriptException e) {
            return call(byText);
        }
    }

    /**
     * The same without waiting. The answer, or a {@link RedisAwayException} or {@link RedisCommandExecutionException},
     * comes on a thread of the client: what depends on it must not wait there.
     */
    public CompletableFuture<List<@Nullable Object>> listLater(
            Script script, List<byte[]> keys, List<byte[]> arguments) {
        byte[][] names = keys.toArray(byte[][]::new);
        byte[][] values = arguments.toArray(byte[][]::new);
        CompletableFuture<List<@Nullable Object>> byHash =
                later(it -> it.evalsha(script.hash(), ScriptOutputType.MULTI, names, values));
        return byHash.exceptionallyCompose(failure -> cause(failure) instanceof RedisNoScriptException
                ? later(it -> it.eval(script.source(), ScriptOutputType.MULTI, names, values))
                : CompletableFuture.failedFuture(cause(failure)));
    }

    private <T> CompletableFuture<T> later(
            Function<RedisClusterAsyncCommands<byte[], byte[]>, RedisFuture<T>> command) {
        try {
            return command.apply(commands)
                    .toCompletableFuture()
                    .copy()
                    .orTimeout(settings.timeout().toMillis(), TimeUnit.MILLISECONDS)
                    .exceptionallyCompose(failure -> CompletableFuture.failedFuture(failure(failure)));
        } catch (RedisException e) {
            return CompletableFuture.failedFuture(away(settings, "refuses commands", false, e));
        }
    }

    private static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    private RuntimeException failure(Throwable failure) {
        Throwable cause = cause(failure);
        if (cause instanceof RedisCommandExecutionException refused) return refused;
        if (cause instanceof TimeoutException)
            return away(settings, "did not answer within " + settings.timeout(), true, cause);
        return away(settings, "did not answer", LettuceSettings.mayBeSent(cause), cause);
    }

    /**
     * Has the listener called whenever a connection has come back, of several more than once. It is called by a thread of
     * the client: it must not wait.
     */
    public void onReconnect(Runnable listener) {
        client.addListener(new RedisConnectionStateListener() {
            @Override
            public void onRedisConnected(RedisChannelHandler<?, ?> connection, SocketAddress address) {
                listener.run();
            }
        });
    }

    /**
     * A new connection for publish and subscribe, which is closed with this one. What it has subscribed to is subscribed
     * to again when it was lost and has come back.
     *
     * @throws RedisAwayException if it cannot be made
     */
    public StatefulRedisPubSubConnection<byte[], byte[]> connectPubSub() {
        try {
            return pubSub.get();
        } catch (RedisException e) {
            throw away(settings, "cannot be connected to", false, e);
        }
    }

    /**
     * Another connection, which is closed with this one.
     *
     * @throws RedisAwayException if it cannot be made
     * @throws UnsupportedOperationException if this is a cluster
     */
    public StatefulRedisConnection<byte[], byte[]> connect() {
        try {
            return another.get();
        } catch (RedisException e) {
            throw away(settings, "cannot be connected to", false, e);
        }
    }

    @Override
    public void close() {
        client.shutdown(0, settings.timeout().toMillis(), TimeUnit.MILLISECONDS);
        shutDown(resources, settings);
    }

    private static void shutDown(ClientResources resources, RedisSettings settings) {
        long millis = settings.timeout().toMillis();
        resources.shutdown(0, millis, TimeUnit.MILLISECONDS).awaitUninterruptibly(millis);
    }

    private static RedisAwayException away(
            RedisSettings settings, String what, boolean sent, @Nullable Throwable cause) {
        Throwable root = cause;
        while (root != null && root.getCause() != null) root = root.getCause();
        String why = root == null || root.getMessage() == null ? "" : ": " + root.getMessage();
        return new RedisAwayException("Redis at " + settings.address() + " " + what + why, sent, cause);
    }
}
