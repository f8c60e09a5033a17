package io.forebay.cdc.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What needs no server. */
class EngineSettingsTest {
    @TempDir
    private Path directory;

    @Test
    void all_problems_are_in_one_message() {
        assertThatThrownBy(() -> EngineSource.builder(directory)
                        .postgres("", 5432, "shop", "me", "")
                        .property("slot.name", "My Slot")
                        .property("slot.drop.on.stop", "true")
                        .property("errors.max.retries", "3")
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(
                        "database.hostname is missing",
                        "slot.name 'My Slot'",
                        "slot.drop.on.stop would lose changes",
                        "'errors.max.retries' is decided by the source");
        assertThatThrownBy(() -> EngineSource.builder(directory).build())
                .hasMessageContaining("connector.class is missing");
    }

    @Test
    void a_directory_belongs_to_one_source() {
        try (EngineSource first = source()) {
            assertThat(first.isHealthy()).isFalse();
            assertThatThrownBy(this::source).hasMessageContaining("another source uses the directory");
        }
        source().close();
    }

    private EngineSource source() {
        return EngineSource.builder(directory)
                .postgres("localhost", 1, "shop", "me", "")
                .build();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ERROR: can no longer get changes from replication slot \"forebay\"",
                "ERROR: requested WAL segment 000000010000000000000003 has already been removed",
                "The connector is trying to read binlog starting at SourceInfo [...], but this is no longer available"
                        + " on the server.",
                "Cannot replicate because the source purged required binary logs: has purged binary logs containing"
                        + " GTIDs",
                "Could not find first log file name in binary log index file Error code: 1236; SQLSTATE: HY000.",
                "Command failed with error 286 (ChangeStreamHistoryLost): 'Resume of change stream was not possible,"
                        + " as the resume point may no longer be in the oplog.'"
            })
    void an_error_that_says_that_the_log_is_gone_is_known(String message) {
        RuntimeException wrapped = new IllegalStateException("engine", new RuntimeException(message));

        assertThat(LostHistory.isSaidBy(wrapped)).isTrue();
    }

    @Test
    void other_errors_are_no_gap() {
        assertThat(LostHistory.isSaidBy(new IllegalStateException("Connection refused")))
                .isFalse();
        assertThat(LostHistory.isSaidBy(new IllegalStateException((String) null)))
                .isFalse();
    }
}
