package io.forebay.redis.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.forebay.redis.RedisSettings;
import io.forebay.testservers.RedisServer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RedisLinkTest {
    private static final byte[] ODD = {0, -1, '\r', '\n', 13, -128};

    @Test
    void scripts_take_and_return_any_bytes_also_after_Redis_has_forgotten_them() {
        Script script =
                Script.of("redis.call('SET', KEYS[1], ARGV[1]) return {redis.call('GET', KEYS[1]), 5, {false}}");
        try (RedisServer server = RedisServer.create();
                RedisLink link = RedisLink.open(RedisSettings.of(server.uri()))) {
            for (int i = 0; i < 2; i++) {
                List<Object> list = link.list(script, List.of(ODD), List.of(ODD));
                assertThat((byte[]) list.get(0)).isEqualTo(ODD);
                assertThat(list.get(1)).isEqualTo(5L);
                server.command("SCRIPT", "FLUSH");
            }
        }
    }

    @Test
    void a_listener_hears_that_a_connection_has_come_back() {
        AtomicInteger heard = new AtomicInteger();
        try (RedisServer server = RedisServer.create();
                RedisLink link = RedisLink.open(RedisSettings.of(server.uri()))) {
            link.onReconnect(heard::incrementAndGet);
            assertThat(heard).hasValue(0);

            server.restart();

            await().atMost(20, TimeUnit.SECONDS).until(() -> heard.get() == 1);
        }
    }
}
