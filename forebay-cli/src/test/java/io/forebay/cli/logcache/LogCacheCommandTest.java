package io.forebay.cli.logcache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.forebay.cli.Cli;
import io.forebay.cli.Main;
import io.forebay.testservers.KafkaServer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class LogCacheCommandTest {
    private static KafkaServer server;
    private static KafkaProducer<String, String> producer;

    @BeforeAll
    static void one_topic() throws Exception {
        server = KafkaServer.create();
        try (Admin admin = server.admin()) {
            admin.createTopics(List.of(new NewTopic("users", 2, (short) 1)))
                    .all()
                    .get(30, TimeUnit.SECONDS);
        }
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", server.bootstrapServers()), new StringSerializer(), new StringSerializer());
        send("bob", "{\"n\":1}");
        send("alice", "{\"n\":2}");
        send("carol", "{\"n\":3}");
        send("carol", null);
    }

    private static void send(String key, String value) throws Exception {
        producer.send(new ProducerRecord<>("users", key, value)).get(30, TimeUnit.SECONDS);
    }

    @AfterAll
    static void end() {
        producer.close();
        server.close();
    }

    private static String[] command(String... words) {
        List<String> all = new java.util.ArrayList<>(
                List.of("log-cache", "--bootstrap-servers", server.bootstrapServers(), "--topic", "users"));
        all.addAll(List.of(words));
        return all.toArray(String[]::new);
    }

    @Test
    void get_shows_the_value_of_a_key() {
        Cli result = Cli.run(command("get", "alice"));

        assertThat(result.err()).isEmpty();
        assertThat(result.out()).isEqualTo("{\"n\":2}\n");
        assertThat(result.code()).isZero();
    }

    @Test
    void get_of_a_key_without_a_value_fails_with_one_line() {
        Cli result = Cli.run(command("get", "carol"));

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err().lines()).containsExactly("forebay: topic 'users' has no value for key 'carol'");
    }

    @Test
    void dump_shows_all_in_order() {
        assertThat(Cli.run(command("dump")).out()).isEqualTo("alice\t{\"n\":2}\nbob\t{\"n\":1}\n");
    }

    @Test
    void watch_shows_changes_as_they_come() throws Exception {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CompletableFuture<Integer> code = CompletableFuture.supplyAsync(
                () -> Main.run(new PrintWriter(out), new PrintWriter(err), command("watch", "--changes", "2")));
        await().atMost(30, TimeUnit.SECONDS).until(() -> err.toString().contains("following users"));

        send("dave", "new");
        send("dave", null);

        assertThat(code.get(30, TimeUnit.SECONDS)).isZero();
        assertThat(out.toString()).isEqualTo("dave\tnew\ndave\n");
    }

    @Test
    void a_topic_that_does_not_exist_and_a_cluster_that_is_away_fail_with_one_line() {
        Cli missing =
                Cli.run("log-cache", "--bootstrap-servers", server.bootstrapServers(), "--topic", "nothing", "dump");
        assertThat(missing.code()).isEqualTo(1);
        assertThat(missing.err().lines()).singleElement().asString().contains("does not exist");

        Cli away = Cli.run(
                "log-cache", "--bootstrap-servers", "127.0.0.1:1", "--topic", "users", "--timeout", "2", "dump");
        assertThat(away.code()).isEqualTo(1);
        assertThat(away.err().lines()).singleElement().asString().contains("not ready after 2000 ms");
    }

    @Test
    void a_wrong_call_is_a_usage_error() {
        assertThat(Cli.run("log-cache").code()).isEqualTo(2);
        assertThat(Cli.run("log-cache", "--topic", "users", "dump").err()).contains("--bootstrap-servers");
        assertThat(Cli.run(command()).err()).contains("say what to do: get KEY, dump or watch");
        assertThat(Cli.run(command("dump", "--timeout", "0")).code()).isEqualTo(2);
    }
}
