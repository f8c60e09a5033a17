package io.forebay.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.forebay.cdc.event.ChangeRecord;
import io.forebay.cdc.event.Payload;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileDeadLettersTest {
    private final List<DeadLetter> replayed = new ArrayList<>();
    private Path file;

    @TempDir
    private Path directory;

    @BeforeEach
    void name() {
        file = directory.resolve("letters.jsonl");
    }

    private static DeadLetter letter(long offset) {
        ChangeRecord record = new ChangeRecord(
                "topic",
                3,
                offset,
                Payload.of("clé"),
                Payload.of(new byte[] {0, (byte) 0xff}),
                Map.of("header", Payload.of("x")),
                Instant.ofEpochMilli(5),
                OptionalLong.empty());
        return new DeadLetter(record, "a \"reason\"\nof two lines", Instant.ofEpochMilli(7));
    }

    private DeadLetters.Replayed replay(FileDeadLetters letters, boolean handles) throws InterruptedException {
        return letters.replay(letter -> {
            replayed.add(letter);
            return CompletableFuture.completedFuture(handles);
        });
    }

    @Test
    void a_letter_comes_back_as_it_was_after_a_restart() throws Exception {
        try (FileDeadLetters letters = FileDeadLetters.at(file)) {
            letters.add(letter(1));
        }
        try (FileDeadLetters letters = FileDeadLetters.at(file)) {
            assertThat(replay(letters, true)).isEqualTo(new DeadLetters.Replayed(1, 0));
            assertThat(replay(letters, true)).isEqualTo(new DeadLetters.Replayed(0, 0));
        }

        assertThat(replayed).containsExactly(letter(1));
    }

    @Test
    void what_is_not_handled_stays_in_its_order() throws Exception {
        try (FileDeadLetters letters = FileDeadLetters.at(file)) {
            for (int offset = 0; offset < 3; offset++) letters.add(letter(offset));

            assertThat(replay(letters, false)).isEqualTo(new DeadLetters.Replayed(0, 3));
            replay(letters, true);
        }

        assertThat(replayed.subList(3, 6)).containsExactly(letter(0), letter(1), letter(2));
    }

    @Test
    void a_line_that_was_not_written_to_its_end_is_cut_off() throws Exception {
        try (FileDeadLetters letters = FileDeadLetters.at(file)) {
            letters.add(letter(1));
        }
        Files.writeString(file, "{\"at\":", StandardOpenOption.APPEND);

        try (FileDeadLetters letters = FileDeadLetters.at(file)) {
            letters.add(letter(2));
            replay(letters, true);
        }

        assertThat(replayed).containsExactly(letter(1), letter(2));
    }

    @Test
    void a_replay_that_a_process_died_in_is_taken_up_again() throws Exception {
        try (FileDeadLetters letters = FileDeadLetters.at(file)) {
            letters.add(letter(1));
        }
        Files.move(file, directory.resolve("letters.jsonl.replay"));

        try (FileDeadLetters letters = FileDeadLetters.at(file)) {
            letters.add(letter(2));
            assertThat(replay(letters, true)).isEqualTo(new DeadLetters.Replayed(2, 0));
        }

        assertThat(replayed).containsExactly(letter(1), letter(2));
    }

    @Test
    void a_second_opener_is_refused() {
        try (FileDeadLetters letters = FileDeadLetters.at(file)) {
            assertThat(letters).isNotNull();
            assertThatThrownBy(() -> FileDeadLetters.at(file)).hasMessageContaining("open in this process");
        }
    }
}
