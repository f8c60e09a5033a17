package io.forebay.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.forebay.state.Lease;
import io.forebay.state.SharedState;
import io.forebay.state.SharedStateException;
import io.forebay.state.StateUnavailableException;
import io.forebay.testservers.RedisServer;
import io.forebay.testservers.TcpRelay;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Beyond the contract: several processes, lost connections, a Redis that is away, and how to log in. */
class RedisStateTest {
    private static final Duration LONG = Duration.ofMinutes(10);
    private static RedisServer server;

    @BeforeAll
    static void startServer() {
        server = RedisServer.create();
    }

    @AfterAll
    static void endServer() {
        server.close();
    }

    @BeforeEach
    void emptyServer() {
        server.start();
        server.command("FLUSHALL");
    }

    @Test
    void two_connections_share_one_state() {
        try (SharedState one = open(server.port());
                SharedState other = open(server.port())) {
            List<Object> heard = new CopyOnWriteArrayList<>();
            one.subscribe("a", heard::add);
            other.publish("a", "hello");
            one.append("list", 1);
            Lease lease = one.tryAcquire("a", LONG).orElseThrow();

            assertThat(other.append("list", 2)).isEqualTo(2);
            assertThat(other.tryAcquire("a", LONG)).isEmpty();
            lease.release();
            assertThat(other.tryAcquire("a", LONG).orElseThrow().token()).isGreaterThan(lease.token());
            await().until(() -> heard.equals(List.of("hello")));
        }
    }

    @Test
    void two_prefixes_share_nothing() {
        RedisSettings settings = RedisSettings.of(server.uri());
        try (SharedState one = RedisState.open(settings.withPrefix("one:"));
                SharedState other = RedisState.open(settings.withPrefix("other:"))) {
            one.set("a", 1);
            assertThat(other.get("a")).isEmpty();
            assertThat(one.tryAcquire("a", LONG)).isPresent();
            assertThat(other.tryAcquire("a", LONG)).isPresent();
        }
        assertThat(server.command("KEYS", "*").lines())
                .allMatch(key -> key.startsWith("one:") || key.startsWith("other:"));
    }

    @Test
    void an_increment_whose_answer_was_lost_is_not_repeated_and_its_caller_hears_of_it() {
        try (TcpRelay relay = TcpRelay.to(server.host(), server.port());
                SharedState state = open(relay.port())) {
            for (int i = 1; i <= 20; i++) {
                await().until(() -> answers(state));
                relay.loseReply();
                assertThatThrownBy(() -> state.incrementBy("a", 1))
                        .isInstanceOfSatisfying(StateUnavailableException.class, e -> {
                            assertThat(e.mayHaveHappened()).isTrue();
                            assertThat(e.retryable()).isTrue();
                        })
                        .hasMessageContaining("did not answer");
                await().until(() -> answers(state));

                assertThat(state.get("a")).contains((long) i);
            }
            assertThat(relay.lostReplies()).isEqualTo(20);
        }
    }

    @Test
    void what_was_appended_and_published_when_the_answer_was_lost_is_there_once() {
        try (TcpRelay relay = TcpRelay.to(server.host(), server.port());
                SharedState state = open(relay.port());
                SharedState witness = open(server.port())) {
            List<Object> heard = new CopyOnWriteArrayList<>();
            witness.subscribe("a", heard::add);
            relay.loseReply();
            assertThatThrownBy(() -> state.append("a", 1)).isInstanceOf(StateUnavailableException.class);
            await().until(() -> answers(state));
            relay.loseReply();
            assertThatThrownBy(() -> state.publish("a", 1)).isInstanceOf(StateUnavailableException.class);
            await().until(() -> answers(state));

            state.publish("a", "end");

            await().until(() -> heard.contains("end"));
            assertThat(heard).containsExactly(1L, "end");
            assertThat(state.range("a", 0, -1)).containsExactly(1L);
        }
    }

    @Test
    void with_connections_cut_again_and_again_every_increment_counts_at_most_once_and_once_if_it_was_answered()
            throws Exception {
        AtomicLong answered = new AtomicLong();
        AtomicLong unknown = new AtomicLong();
        try (TcpRelay relay = TcpRelay.to(server.host(), server.port());
                SharedState state = open(relay.port())) {
            List<Thread> writers = new ArrayList<>();
            for (int i = 0; i < 4; i++) writers.add(new Thread(() -> increments(state, answered, unknown)));
            writers.forEach(Thread::start);
            for (int cut = 0; cut < 30; cut++) {
                long before = answered.get();
                await().atMost(20, TimeUnit.SECONDS).until(() -> answered.get() > before + 20 || allEnded(writers));
                relay.cut();
            }
            for (Thread writer : writers) writer.join(60_000);

            await().until(() -> answers(state));
            long counted = (Long) state.get("a").orElseThrow();
            assertThat(counted).isBetween(answered.get(), answered.get() + unknown.get());
            assertThat(unknown.get()).isPositive();
        }
    }

    @Test
    void while_Redis_is_away_calls_are_refused_at_once_and_nothing_is_sent_later() {
        try (SharedState state = open(server.port())) {
            state.incrementBy("a", 1);
            server.kill();

            await().untilAsserted(() -> assertThatThrownBy(() -> state.incrementBy("a", 1))
                    .isInstanceOfSatisfying(
                            StateUnavailableException.class,
                            e -> assertThat(e.mayHaveHappened()).isFalse())
                    .hasMessageContaining("Redis at redis://127.0.0.1:" + server.port())
                    .hasMessageContaining("not connected"));
            long begin = System.nanoTime();
            for (int i = 0; i < 1_000; i++)
                assertThatThrownBy(() -> state.incrementBy("a", 1)).isNotNull();
            assertThat(System.nanoTime() - begin).isLessThan(TimeUnit.SECONDS.toNanos(2)); // not one timeout

            for (Runnable call : List.<Runnable>of(
                    () -> state.publish("a", 1),
                    () -> state.subscribe("a", it -> {}),
                    () -> state.tryAcquire("a", LONG)))
                assertThatThrownBy(call::run).isInstanceOf(StateUnavailableException.class);

            server.start();
            await().atMost(20, TimeUnit.SECONDS).until(() -> answers(state));
            assertThat(state.get("a")).isEmpty();
        }
    }

    @Test
    void a_Redis_that_hangs_costs_one_timeout() {
        try (SharedState state = RedisState.open(RedisSettings.of(server.uri()).withTimeout(Duration.ofMillis(200)))) {
            server.pause();
            try {
                assertThatThrownBy(() -> state.incrementBy("a", 1))
                        .isInstanceOfSatisfying(
                                StateUnavailableException.class,
                                e -> assertThat(e.mayHaveHappened()).isTrue())
                        .hasMessageContaining("did not answer within PT0.2S");
            } finally {
                server.resume();
            }
            await().until(() -> answers(state));
            assertThat(state.get("a")).contains(1L);
        }
    }

    @Test
    void a_subscription_survives_a_restart_of_Redis() {
        try (SharedState state = open(server.port())) {
            List<Object> heard = new CopyOnWriteArrayList<>();
            state.subscribe("a", heard::add);

            server.restart();

            await().atMost(20, TimeUnit.SECONDS).until(() -> {
                if (answers(state)) state.publish("a", "again");
                return heard.contains("again");
            });
        }
    }

    @Test
    void a_script_that_Redis_has_forgotten_is_sent_again() {
        try (SharedState state = open(server.port())) {
            state.tryAcquire("a", LONG).orElseThrow();
            server.command("SCRIPT", "FLUSH");

            assertThat(state.tryAcquire("b", LONG)).isPresent();
        }
    }

    @Test
    void a_token_grows_even_if_Redis_has_forgotten_the_last_one() {
        try (SharedState state = open(server.port())) {
            long before = state.tryAcquire("a", LONG).orElseThrow().token();

            server.command("FLUSHALL");

            assertThat(state.tryAcquire("a", LONG).orElseThrow().token()).isGreaterThan(before);
        }
    }

    @Test
    void a_token_grows_even_if_the_clock_was_set_back() {
        try (SharedState state = open(server.port())) {
            long fromTheFuture = 4_000_000_000_000_000L;
            server.command("SET", "forebay:{lease:a}:token", Long.toString(fromTheFuture));

            assertThat(state.tryAcquire("a", LONG).orElseThrow().token()).isEqualTo(fromTheFuture + 1);
        }
    }

    @Test
    void the_last_token_outlives_its_lease_but_not_for_ever() {
        try (SharedState state = open(server.port())) {
            state.tryAcquire("a", Duration.ofDays(1)).orElseThrow();

            long left = Long.parseLong(server.command("PTTL", "forebay:{lease:a}:token"));

            assertThat(Duration.ofMillis(left)).isBetween(Duration.ofDays(30), Duration.ofDays(31));
        }
    }

    @Test
    void what_others_have_put_there_is_refused_if_it_is_no_JSON() {
        try (SharedState state = open(server.port())) {
            server.command("SET", "forebay:key:a", "{no json");
            server.command("SET", "forebay:key:b", "1 2");
            server.command("SET", "forebay:key:c", "null");
            server.command("PFADD", "forebay:key:d", "x");

            for (String key : List.of("a", "b", "c", "d"))
                assertThatThrownBy(() -> state.get(key))
                        .isInstanceOf(SharedStateException.class)
                        .hasMessageContaining("key '" + key + "' holds something that is no JSON");
        }
    }

    @Test
    void a_Redis_without_memory_refuses_and_the_call_may_be_repeated() {
        try (RedisServer full = RedisServer.create("maxmemory=1mb", "maxmemory-policy=noeviction");
                SharedState state = open(full.port())) {
            String big = "x".repeat(200_000);
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 100; i++) state.append("a", big);
                    })
                    .isInstanceOfSatisfying(StateUnavailableException.class, e -> {
                        assertThat(e.mayHaveHappened()).isFalse();
                        assertThat(e).hasMessageContaining("Redis refused append of key 'a': OOM");
                    });
        }
    }

    @Test
    void what_the_user_may_not_do_is_refused_and_not_to_be_repeated() {
        try (RedisServer closed =
                        RedisServer.create("user=ann on >hers ~* resetchannels +@read +@connection +subscribe");
                SharedState state =
                        RedisState.open(RedisSettings.of(closed.uri()).withUser("ann", () -> "hers"))) {
            for (Runnable call : List.<Runnable>of(
                    () -> state.set("a", 1),
                    () -> state.tryAcquire("a", LONG),
                    () -> state.publish("a", 1),
                    () -> state.subscribe("a", it -> {})))
                assertThatThrownBy(call::run)
                        .isInstanceOfSatisfying(
                                SharedStateException.class,
                                e -> assertThat(e.retryable()).isFalse())
                        .hasMessageContaining("NOPERM");
        }
    }

    @Test
    void it_logs_in_with_a_password_or_a_user_and_asks_for_it_again_at_a_reconnect() {
        AtomicReference<String> password = new AtomicReference<>("wrong");
        try (RedisServer closed = RedisServer.create("requirepass=secret", "user=ann on >hers ~* &* +@all")) {
            RedisSettings settings = RedisSettings.of(closed.uri());
            assertThatThrownBy(() -> RedisState.open(settings))
                    .isInstanceOf(StateUnavailableException.class)
                    .hasMessageContaining("NOAUTH");
            assertThatThrownBy(() -> RedisState.open(settings.withPassword(password::get)))
                    .isInstanceOf(StateUnavailableException.class)
                    .hasMessageContaining("WRONGPASS")
                    .hasMessageNotContaining("wrong\"");
            try (SharedState ann = RedisState.open(settings.withUser("ann", () -> "hers"))) {
                assertThat(answers(ann)).isTrue();
            }
            password.set("secret");
            try (SharedState state = RedisState.open(settings.withPassword(password::get))) {
                assertThat(answers(state)).isTrue();
                closed.command("CONFIG", "SET", "requirepass", "new");
                password.set("new");
                closed.command("CLIENT", "KILL", "TYPE", "normal");
                await().atMost(20, TimeUnit.SECONDS).until(() -> answers(state));
            }
        }
    }

    @Test
    void it_speaks_TLS_and_trusts_only_what_it_was_told_to() {
        try (RedisServer encrypted = RedisServer.createWithTls()) {
            RedisSettings settings = RedisSettings.of("rediss://127.0.0.1:" + encrypted.tlsPort());
            assertThatThrownBy(() -> RedisState.open(settings)).isInstanceOf(StateUnavailableException.class);

            try (SharedState state = RedisState.open(settings.withTrustedCertificates(encrypted.certificate()))) {
                assertThat(answers(state)).isTrue();
            }
        }
    }

    @Test
    void it_follows_the_Sentinels_to_another_primary() {
        try (RedisServer primary = RedisServer.create();
                RedisServer replica = RedisServer.create("replicaof=127.0.0.1 " + primary.port());
                RedisServer sentinel = RedisServer.createSentinel(primary);
                SharedState state = RedisState.open(
                        RedisSettings.of("redis-sentinel://127.0.0.1:" + sentinel.port() + "#forebay"))) {
            List<Object> heard = new CopyOnWriteArrayList<>();
            state.subscribe("a", heard::add);
            state.set("a", 1);
            await().atMost(20, TimeUnit.SECONDS)
                    .until(() -> replica.command("GET", "forebay:key:a").equals("1")
                            && sentinel.command("SENTINEL", "replicas", "forebay")
                                    .contains(Integer.toString(replica.port())));

            primary.kill();

            await().atMost(40, TimeUnit.SECONDS)
                    .ignoreExceptionsInstanceOf(StateUnavailableException.class)
                    .until(() -> {
                        state.publish("a", "again");
                        return state.incrementBy("a", 1) > 1 && heard.contains("again");
                    });
        }
    }

    @Test
    void a_Redis_that_is_not_there_is_refused_at_the_start() {
        assertThatThrownBy(() -> RedisState.open(RedisSettings.of("redis://127.0.0.1:1")))
                .isInstanceOf(StateUnavailableException.class)
                .hasMessageContaining("Redis at redis://127.0.0.1:1 cannot be connected to");
        assertThatThrownBy(() -> RedisState.open(RedisSettings.of("redis-cluster://127.0.0.1:1")))
                .isInstanceOf(StateUnavailableException.class);
    }

    @Test
    void after_its_close_no_thread_of_it_is_left() {
        try (SharedState state = open(server.port())) {
            state.subscribe("a", message -> {});
            state.publish("a", 1);
        }
        await().untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().startsWith("forebay-redis")
                        || thread.getName().startsWith("lettuce")));
    }

    @Test
    void a_cluster_that_was_away_is_refused_at_once_and_comes_back() {
        try (RedisServer cluster = RedisServer.createCluster();
                SharedState state = RedisState.open(RedisSettings.of("redis-cluster://127.0.0.1:" + cluster.port()))) {
            List<Object> heard = new CopyOnWriteArrayList<>();
            state.subscribe("a", heard::add);
            state.set("a", 1);

            cluster.kill();
            await().until(() -> !answers(state));
            cluster.start();

            await().atMost(20, TimeUnit.SECONDS).until(() -> {
                if (answers(state)) state.publish("a", "again");
                return heard.contains("again");
            });
        }
    }

    private static SharedState open(int port) {
        return RedisState.open(RedisSettings.of("redis://127.0.0.1:" + port));
    }

    private static boolean answers(SharedState state) {
        try {
            return state.get("nothing").isEmpty();
        } catch (StateUnavailableException e) {
            return false;
        }
    }

    private static boolean allEnded(List<Thread> threads) {
        return threads.stream().noneMatch(Thread::isAlive);
    }

    private static void increments(SharedState state, AtomicLong answered, AtomicLong unknown) {
        for (int i = 0; i < 2_000; i++) {
            try {
                state.incrementBy("a", 1);
                answered.incrementAndGet();
            } catch (StateUnavailableException e) {
                if (e.mayHaveHappened()) unknown.incrementAndGet();
                else Thread.yield();
            }
        }
    }
}
