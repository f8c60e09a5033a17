package io.forebay.cdc.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.forebay.testservers.PostgresServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The engine's process killed with SIGKILL: between a change and its acknowledgement, and at any instant. */
class EngineKillTest {
    private final Map<String, String> cache = new ConcurrentHashMap<>(); // the parent's: the children tell what goes
    private final List<String> said = new CopyOnWriteArrayList<>();
    private PostgresServer server;
    private Users users;

    @TempDir
    private Path directory;

    @BeforeEach
    void createTable() {
        server = PostgresServer.create();
        users = new Users(server.dataSource());
        users.fill(50, "0");
    }

    @AfterEach
    void stopServer() {
        server.close();
    }

    private Process child(String mode) throws IOException {
        Process child = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        EngineChild.class.getName(),
                        Integer.toString(server.port()),
                        directory.toString(),
                        mode))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Thread reader = new Thread(() -> read(child), "reader");
        reader.setDaemon(true);
        reader.start();
        return child;
    }

    private void read(Process child) {
        try (BufferedReader lines = child.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("flush ")) cache.clear();
                if (line.startsWith("gone "))
                    List.of(line.substring(5).split(",")).forEach(cache::remove);
                said.add(line);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void kill(Process child) throws InterruptedException {
        child.destroyForcibly().waitFor();
    }

    private long saidSo(String beginning) {
        return said.stream().filter(line -> line.startsWith(beginning)).count();
    }

    private void awaitSaid(String beginning) {
        await().atMost(Duration.ofSeconds(60)).until(() -> saidSo(beginning) > 0);
    }

    private void awaitStoredPosition() {
        Path offsets = directory.resolve("engine/offsets.json");
        await().atMost(Duration.ofSeconds(60))
                .until(() -> Files.exists(offsets) && !OffsetFile.read(offsets).isEmpty());
    }

    @Test
    void a_change_that_was_taken_and_not_acknowledged_is_told_again() throws Exception {
        Process first = child("hang");
        awaitSaid("flush ");
        awaitStoredPosition();
        cache.putAll(users.entries());
        users.sql("UPDATE users SET name = '1' WHERE id = 1");
        awaitSaid("taken user:1");

        kill(first);
        users.sql("UPDATE users SET name = '1' WHERE id = 2");
        Process second = child("answer");
        await().atMost(Duration.ofSeconds(60))
                .until(() -> !cache.containsKey("user:1") && !cache.containsKey("user:2"));
        kill(second);

        assertThat(cache).hasSize(48);
        assertThat(saidSo("flush ")).isEqualTo(1);
    }

    @Tag("slow")
    @Test
    void killed_at_any_instant_it_leaves_no_stale_entry() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Process child = child("answer");
        awaitSaid("flush ");
        awaitStoredPosition();

        for (int round = 1; round <= 8; round++) {
            cache.putAll(users.entries());
            for (int i = 0; i < 40; i++)
                users.sql("UPDATE users SET name = '%d.%d' WHERE id = %d".formatted(round, i, 1 + random.nextInt(50)));
            Thread.sleep(random.nextInt(round == 1 ? 1000 : 4000)); // the instant of the kill is what is random
            kill(child);
            users.sql("UPDATE users SET name = '%d.x' WHERE id = %d".formatted(round, 1 + random.nextInt(50)));
            child = child("answer");
        }
        await("seed " + seed)
                .atMost(Duration.ofSeconds(60))
                .until(() -> users.entries().entrySet().containsAll(cache.entrySet()));
        kill(child);

        assertThat(saidSo("flush ")).as("seed %d", seed).isEqualTo(1);
    }
}
