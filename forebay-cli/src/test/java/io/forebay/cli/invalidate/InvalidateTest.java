package io.forebay.cli.invalidate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.forebay.cli.Cli;
import io.forebay.redis.RedisSettings;
import io.forebay.redis.cache.CacheCodec;
import io.forebay.redis.cache.CacheSettings;
import io.forebay.redis.cache.ConsistentCache;
import io.forebay.testservers.MariaDbServer;
import io.forebay.testservers.PostgresServer;
import io.forebay.testservers.RedisServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InvalidateTest {
    @TempDir
    Path folder;

    private Path config(String text) throws Exception {
        return Files.writeString(folder.resolve("forebay.yaml"), text);
    }

    @Test
    void the_demo_shows_every_entry_go() {
        Cli result = Cli.run("invalidate", "--demo");

        assertThat(result.code()).as(result.out() + result.err()).isZero();
        assertThat(result.out())
                .contains("TRUNCATE customers")
                .contains("0 of 7 entries differ from the table.")
                .containsPattern("From the commit until the entry was gone, in this process too: [0-9.]+ ms")
                .doesNotContain("STILL THERE");
    }

    @Test
    void everything_that_is_wrong_in_the_file_is_said_at_once() throws Exception {
        Path file = config("""
                source:
                  kafka: {bootstrapServers: 'localhost:9092', topics: [shop.public.customers]}
                redis: {adress: 'redis://localhost'}
                cache: {name: shop, ttl: ten minutes}
                http: {host: 0.0.0.0, port: 99999}
                rules:
                  - table: public.customers
                    keyz: ['customer:{id}']
                """);

        Cli result = Cli.run("invalidate", "--config", file.toString(), "--check");

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err())
                .contains("source.kafka.group is missing")
                .contains("redis.adress is unknown; expected address, user")
                .contains("redis.address is missing")
                .contains("rules[0]: unknown field 'keyz'")
                .contains("deadLetters: expected file or topic")
                .contains("http.token is missing")
                .contains("http.port: expected a whole number from 0 to 65535, was 99999");
    }

    @Test
    void a_good_file_is_good_and_a_missing_one_is_named() throws Exception {
        Path file = config("""
                source:
                  kafka: {bootstrapServers: 'localhost:9092', topics: [shop.public.customers], group: forebay}
                redis: {address: 'redis://localhost'}
                cache: {name: shop, ttl: PT10M}
                deadLetters: {file: dead-letters.jsonl}
                rules:
                  - table: public.customers
                    keys: ['customer:{id}']
                """);

        assertThat(Cli.run("invalidate", "--config", file.toString(), "--check").out())
                .contains("is good");
        Cli missing =
                Cli.run("invalidate", "--config", folder.resolve("none.yaml").toString());
        assertThat(missing.code()).isEqualTo(1);
        assertThat(missing.err()).contains("none.yaml: no such file");
        assertThat(Cli.run("invalidate").code()).isEqualTo(2);
    }

    @Test
    void the_file_of_the_deployment_lacks_nothing_but_its_token() {
        Cli result = Cli.run("invalidate", "--config", "../deploy/forebay.yaml", "--check");

        assertThat(result.err().trim())
                .isEqualTo(
                        "forebay: ../deploy/forebay.yaml: http.token: the variable FOREBAY_TOKEN is not set; http.token is"
                                + " missing: beyond this machine (http.host is 0.0.0.0) whoever asks has to show one");
    }

    @Test
    void the_service_tells_a_cache_of_changes_and_says_how_it_is() throws Exception {
        try (PostgresServer database = PostgresServer.create();
                RedisServer redis = RedisServer.create();
                Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE customers (id bigint PRIMARY KEY, name text)");
            statement.execute("INSERT INTO customers VALUES (1, 'Ada')");
            Files.writeString(folder.resolve("token"), "secret\n");
            Path file = engineConfig(redis, "public.customers", """
                    {connector.class: io.debezium.connector.postgresql.PostgresConnector, plugin.name: pgoutput, slot.name: forebay,
                     database.hostname: %s, database.port: %d, database.dbname: postgres, database.user: postgres,
                     database.password: unused, table.include.list: public.customers}
                    """.formatted(database.host(), database.port()));
            try (InvalidationService service = InvalidationService.start(ServiceConfig.read(file));
                    ConsistentCache<String> cache = cache(redis)) {
                awaitReading(service);
                awaitCached(cache);

                statement.execute("UPDATE customers SET name = 'Grace' WHERE id = 1");

                await().atMost(Duration.ofSeconds(60))
                        .until(() -> cache.get("customer:1").isEmpty());
                await().untilAsserted(() -> assertThat(
                                ask(service, "/metrics", "secret").body())
                        .contains("forebay_cdc_records_total{result=\"handled\"} 1")
                        .contains("forebay_cdc_gaps_total 1")
                        .contains("forebay_cdc_source_healthy 1")
                        .contains("forebay_cdc_stage_seconds_count{stage=\"total\"} 1"));
                assertThat(ask(service, "/health", "secret").body()).contains("\"status\":\"UP\"");
                assertThat(ask(service, "/metrics", "guessed").statusCode()).isEqualTo(401);
                assertThat(ask(service, "/metricsandmore", "secret").statusCode())
                        .isEqualTo(404);

                redis.stop();
                statement.execute("UPDATE customers SET name = 'Ada' WHERE id = 1");

                await().atMost(Duration.ofSeconds(60))
                        .untilAsserted(() -> assertThat(
                                        ask(service, "/health", "secret").statusCode())
                                .isEqualTo(503));
            }
        }
    }

    @Test
    void the_service_reads_a_binary_log_as_well() throws Exception {
        try (MariaDbServer database = MariaDbServer.createWithBinaryLog();
                RedisServer redis = RedisServer.create();
                Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE customers (id bigint PRIMARY KEY, name text)");
            statement.execute("INSERT INTO customers VALUES (1, 'Ada')");
            Files.writeString(folder.resolve("token"), "secret\n");
            Path file = engineConfig(redis, "forebay.customers", """
                    {connector.class: io.debezium.connector.mysql.MySqlConnector, database.server.id: 2,
                     database.hostname: %s, database.port: %d, database.user: root, database.password: '',
                     database.ssl.mode: disabled, table.include.list: forebay.customers}
                    """.formatted(database.host(), database.port()));
            try (InvalidationService service = InvalidationService.start(ServiceConfig.read(file));
                    ConsistentCache<String> cache = cache(redis)) {
                awaitReading(service);
                awaitCached(cache);

                statement.execute("UPDATE customers SET name = 'Grace' WHERE id = 1");

                await().atMost(Duration.ofSeconds(60))
                        .until(() -> cache.get("customer:1").isEmpty());
            }
        }
    }

    @Test
    void a_connector_that_is_not_there_is_named() throws Exception {
        try (RedisServer redis = RedisServer.create()) {
            Files.writeString(folder.resolve("token"), "secret\n");
            Path file =
                    engineConfig(redis, "shop.customers", "{connector.class: io.debezium.connector.db2.Db2Connector}");

            Cli result = Cli.run("invalidate", "--config", file.toString());

            assertThat(result.code()).isEqualTo(1);
            assertThat(result.err())
                    .contains("connector.class 'io.debezium.connector.db2.Db2Connector' is not on the class path");
        }
    }

    private Path engineConfig(RedisServer redis, String table, String properties) throws Exception {
        return config("""
                source:
                  engine:
                    directory: %1$s/position
                    properties: %2$s
                redis: {address: '%3$s'}
                cache: {name: shop}
                deadLetters: {file: '%1$s/dead-letters.jsonl'}
                http: {port: 0, token: '${file:%1$s/token}'}
                rules:
                  - table: %4$s
                    keys: ['customer:{id}']
                """.formatted(folder, properties.strip().replace("\n", " "), redis.uri(), table));
    }

    private static ConsistentCache<String> cache(RedisServer redis) {
        CacheSettings settings = CacheSettings.of(RedisSettings.of(redis.uri()), "shop");
        return ConsistentCache.builder(settings, CacheCodec.json(String.class)).open();
    }

    private static void awaitReading(InvalidationService service) {
        await().atMost(Duration.ofSeconds(60))
                .until(() -> ask(service, "/health", "secret").statusCode() == 200
                        && service.status().gaps() == 1
                        && service.status().underWay() == 0);
    }

    private static void awaitCached(ConsistentCache<String> cache) {
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            cache.get("customer:1", key -> "Ada");
            return cache.get("customer:1").isPresent();
        });
    }

    private static HttpResponse<String> ask(InvalidationService service, String path, String token) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + service.port() + path))
                                .header("Authorization", "Bearer " + token)
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }
}
