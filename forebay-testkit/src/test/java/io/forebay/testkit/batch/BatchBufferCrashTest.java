package io.forebay.testkit.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.forebay.testkit.crash.CrashAccount;
import io.forebay.testkit.crash.CrashHarness;
import io.forebay.testkit.crash.KillPoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that are killed while they add events and hand them to a file. */
class BatchBufferCrashTest {
    private static final int KILLS = Integer.getInteger("forebay.batch.kills", 6);

    @Test
    void a_killed_process_loses_no_acknowledged_event_and_repeats_only_whole_batches(@TempDir Path directory)
            throws IOException {
        Path file = directory.resolve("handled");
        long seed = Long.getLong("forebay.seed", System.nanoTime());
        Random random = new Random(seed);
        CrashHarness harness = new CrashHarness(
                BatchCrashMain.class, List.of(directory.resolve("journal").toString(), file.toString()));
        for (int i = 0; i < KILLS; i++) runAndKill(harness, random);
        harness.runToEnd();

        Map<String, String> batches = new HashMap<>();
        Map<Long, List<Long>> events = new TreeMap<>();
        for (String line : Files.readAllLines(file)) {
            String id = line.substring(0, line.indexOf(' '));
            String before = batches.putIfAbsent(id, line);
            if (before != null) {
                assertThat(line).as("a repeat of batch %s", id).isEqualTo(before);
                continue;
            }
            for (String event : line.substring(id.length() + 1).split(" ")) {
                int dot = event.indexOf('.');
                events.computeIfAbsent(Long.parseLong(event.substring(0, dot)), writer -> new ArrayList<>())
                        .add(Long.parseLong(event.substring(dot + 1)));
            }
        }
        for (CrashAccount.Writer writer : harness.account().writers().values()) {
            List<Long> handled = events.getOrDefault(writer.id(), List.of());
            assertThat(handled)
                    .as("writer %d, seed %d: in order, without gaps", writer.id(), seed)
                    .isEqualTo(upTo(handled.size()));
            assertThat((long) handled.size())
                    .as("writer %d, seed %d, %s", writer.id(), seed, harness.history())
                    .isBetween(writer.acknowledged(), writer.sent());
        }
        assertThat(harness.account().acknowledged()).isPositive();
    }

    /** Half of the time at a stage of an event; a handler has no transaction. */
    private static void runAndKill(CrashHarness harness, Random random) {
        List<KillPoint.Stage> stages = new ArrayList<>(List.of(KillPoint.Stage.values()));
        stages.removeAll(KillPoint.Stage.OF_A_TRANSACTION);
        if (random.nextBoolean()) harness.runFor(Duration.ofMillis(300 + random.nextInt(1_000)));
        else harness.runUntil(new KillPoint(stages.get(random.nextInt(stages.size())), 1 + random.nextInt(40)));
    }

    private static List<Long> upTo(int count) {
        List<Long> numbers = new ArrayList<>();
        for (long i = 1; i <= count; i++) numbers.add(i);
        return numbers;
    }
}
