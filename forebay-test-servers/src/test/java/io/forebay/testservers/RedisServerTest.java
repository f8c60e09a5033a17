package io.forebay.testservers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.EOFException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;

final class RedisServerTest {
    @Test
    void what_was_answered_before_a_SIGKILL_is_there_afterwards_if_it_was_asked_for() {
        try (RedisServer server = RedisServer.create("appendonly=yes", "appendfsync=always")) {
            server.command("SET", "a", "1");

            server.kill();
            assertThatThrownBy(() -> server.command("PING")).isInstanceOf(UncheckedIOException.class);
            server.start();

            assertThat(server.command("GET", "a")).isEqualTo("1");
        }
    }

    @Test
    void without_it_a_restart_forgets_everything() {
        try (RedisServer server = RedisServer.create()) {
            server.command("SET", "a", "1");

            server.restart();

            assertThat(server.command("GET", "a")).isEqualTo("(nil)");
        }
    }

    @Test
    void it_is_stopped_in_an_orderly_way() {
        try (RedisServer server = RedisServer.create("appendonly=yes", "appendfsync=no")) {
            server.command("SET", "a", "1");

            server.stop();
            assertThat(server.isRunning()).isFalse();
            assertThat(server.logText()).contains("Redis is now ready to exit");
            server.start();

            assertThat(server.command("GET", "a")).isEqualTo("1");
        }
    }

    @Test
    void while_it_is_paused_it_answers_nothing() throws Exception {
        try (RedisServer server = RedisServer.create()) {
            server.pause();
            CompletableFuture<String> answer = CompletableFuture.supplyAsync(() -> server.command("PING"));
            await().during(200, TimeUnit.MILLISECONDS)
                    .untilAsserted(() -> assertThat(answer).isNotDone());

            server.resume();

            assertThat(answer.get(5, TimeUnit.SECONDS)).isEqualTo("PONG");
        }
    }

    @Test
    void a_cluster_has_all_slots_and_refuses_two_of_them_at_once_also_after_a_restart() {
        try (RedisServer server = RedisServer.createCluster()) {
            server.restart();

            assertThat(server.command("SET", "a", "1")).isEqualTo("OK");
            assertThat(server.command("CLUSTER", "INFO")).contains("cluster_slots_ok:16384");
            assertThat(server.command("MSET", "a", "1", "b", "2")).startsWith("-CROSSSLOT");
        }
    }

    @Test
    void a_password_and_users_are_asked_for() throws Exception {
        try (RedisServer server = RedisServer.create("requirepass=secret", "user=ann on >hers ~* +@all");
                RedisConsole stranger = new RedisConsole(server.host(), server.port())) {
            assertThat(stranger.send(List.of("PING"))).startsWith("-NOAUTH");
            assertThat(stranger.send(List.of("AUTH", "ann", "hers"))).isEqualTo("OK");
            assertThat(server.command("PING")).isEqualTo("PONG");
        }
    }

    @Test
    void it_speaks_TLS() throws Exception {
        try (RedisServer server = RedisServer.createWithTls()) {
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            trusted.setCertificateEntry(
                    "redis",
                    CertificateFactory.getInstance("X.509")
                            .generateCertificate(Files.newInputStream(server.certificate())));
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);

            try (Socket socket = context.getSocketFactory().createSocket(server.host(), server.tlsPort())) {
                socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
                assertThat(socket.getInputStream().readNBytes(7))
                        .isEqualTo("+PONG\r\n".getBytes(StandardCharsets.US_ASCII));
            }
        }
    }

    @Test
    void a_sentinel_makes_the_replica_the_primary_when_that_was_killed() {
        try (RedisServer primary = RedisServer.create();
                RedisServer replica = RedisServer.create("replicaof=127.0.0.1 " + primary.port());
                RedisServer sentinel = RedisServer.createSentinel(primary)) {
            await().until(() ->
                    sentinel.command("SENTINEL", "replicas", "forebay").contains(Integer.toString(replica.port())));

            primary.kill();

            await().atMost(30, TimeUnit.SECONDS)
                    .until(() -> sentinel.command("SENTINEL", "get-master-addr-by-name", "forebay")
                            .contains(Integer.toString(replica.port())));
        }
    }

    @Test
    void a_start_that_fails_shows_the_log() {
        assertThatThrownBy(() -> RedisServer.create("no-such-setting=1"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no-such-setting");
    }

    @Test
    void a_relay_loses_the_reply_to_what_was_carried_out() throws Exception {
        try (RedisServer server = RedisServer.create();
                TcpRelay relay = TcpRelay.to(server.host(), server.port());
                RedisConsole console = new RedisConsole("127.0.0.1", relay.port())) {
            assertThat(console.send(List.of("INCR", "a"))).isEqualTo("1");
            relay.loseReply();

            assertThatThrownBy(() -> console.send(List.of("INCR", "a")))
                    .isInstanceOfAny(EOFException.class, SocketException.class);

            assertThat(server.command("GET", "a")).isEqualTo("2");
            assertThat(relay.lostReplies()).isEqualTo(1);
        }
    }
}
