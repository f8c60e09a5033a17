package io.forebay.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.forebay.state.SharedState;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NightlyReportTest {
    @Test
    void each_run_counts_a_visit_and_adds_a_report_with_a_higher_token() {
        try (SharedState state = SharedState.inMemory()) {
            NightlyReport.run(state, "ann");
            List<Object> reports = NightlyReport.run(state, "bob");

            assertThat(reports)
                    .isEqualTo(List.of(Map.of("visits", 1L, "token", 1L), Map.of("visits", 2L, "token", 2L)));
            assertThat(state.fields("last-seen")).containsOnlyKeys("ann", "bob");
        }
    }
}
