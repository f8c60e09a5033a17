package io.forebay.redis.internal;

import io.forebay.redis.RedisAddress;
import io.forebay.redis.RedisSettings;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisCredentials;
import io.lettuce.core.RedisCredentialsProvider;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SslOptions;
import io.lettuce.core.SslVerifyMode;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.protocol.RedisCommand;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Delay;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Forebay's settings in the words of the client, and how it is kept from sending a command twice. */
final class LettuceSettings {
    private static final int MAX_UNANSWERED = 10_000;
    private static final String NOT_CONNECTED = "not connected";
    private static final Delay RECONNECT = Delay.exponential(10, 1_000, TimeUnit.MILLISECONDS, 2);

    private LettuceSettings() {}

    /** The connection was lost before the answer came. */
    private static final class LostAnswerException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        LostAnswerException() {
            super("the connection was lost before the answer came");
        }
    }

    static ClientResources resources() {
        return ClientResources.builder().reconnectDelay(RECONNECT).build();
    }

    static List<RedisURI> uris(RedisSettings settings) {
        RedisAddress address = settings.address();
        if (address.kind() == RedisAddress.Kind.SENTINEL) return List.of(sentinel(settings));
        return address.nodes().stream().map(node -> uri(settings, node)).toList();
    }

    private static RedisURI uri(RedisSettings settings, RedisAddress.Node node) {
        RedisURI uri = RedisURI.create(node.host(), node.port());
        common(settings, uri);
        return uri;
    }

    private static RedisURI sentinel(RedisSettings settings) {
        RedisURI uri = new RedisURI();
        common(settings, uri);
        uri.setSentinelMasterId(settings.address().primaryName());
        for (RedisAddress.Node node : settings.address().nodes()) {
            RedisURI sentinel = RedisURI.create(node.host(), node.port());
            transport(settings, sentinel);
            uri.getSentinels().add(sentinel);
        }
        return uri;
    }

    private static void common(RedisSettings settings, RedisURI uri) {
        transport(settings, uri);
        uri.setDatabase(settings.address().database());
        Supplier<String> password = settings.password();
        if (password != null)
            uri.setCredentialsProvider(
                    RedisCredentialsProvider.from(() -> RedisCredentials.just(settings.user(), password.get())));
    }

    private static void transport(RedisSettings settings, RedisURI uri) {
        uri.setTimeout(settings.timeout());
        uri.setSsl(settings.address().tls());
        uri.setVerifyPeer(SslVerifyMode.FULL);
    }

    static ClientOptions options(RedisSettings settings) {
        ClientOptions.Builder options = ClientOptions.builder()
                .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                .replayFilter(LettuceSettings::failInsteadOfRepeating)
                .requestQueueSize(MAX_UNANSWERED)
                .socketOptions(SocketOptions.builder()
                        .connectTimeout(settings.timeout())
                        .keepAlive(SocketOptions.KeepAliveOptions.builder()
                                .enable()
                                .idle(Duration.ofSeconds(10)) // a listener only reads, and would never notice
                                .interval(Duration.ofSeconds(5))
                                .count(3)
                                .build())
                        .build());
        if (settings.trustedCertificates() != null)
            options.sslOptions(SslOptions.builder()
                    .trustManager(settings.trustedCertificates().toFile())
                    .build());
        return options.build();
    }

    static ClusterClientOptions clusterOptions(RedisSettings settings) {
        return ClusterClientOptions.builder(options(settings))
                .topologyRefreshOptions(ClusterTopologyRefreshOptions.builder()
                        .closeStaleConnections(false) // it would send what they have not answered to another node
                        .build())
                .build();
    }

    /** The client asks which commands it should not send again after a reconnect: none, and their callers hear of it. */
    private static boolean failInsteadOfRepeating(RedisCommand<?, ?, ?> command) {
        command.completeExceptionally(new LostAnswerException());
        return true;
    }

    /** Whether a command that ended with this error may have been sent. */
    static boolean mayBeSent(@Nullable Throwable error) {
        String message = error == null ? null : error.getMessage();
        return message == null || !message.contains(NOT_CONNECTED);
    }
}
