package io.forebay.examples;

import io.forebay.state.Lease;
import io.forebay.state.SharedState;
import io.forebay.state.Subscription;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The example of docs/shared-state.md: of several servers that count visits, one writes the report. */
public final class NightlyReport {
    private NightlyReport() {}

    public static void main(String[] args) {
        try (SharedState state = SharedState.inMemory()) {
            System.out.println(run(state, "ann"));
        }
    }

    static List<Object> run(SharedState state, String user) {
        Subscription subscription = state.subscribe("reports", report -> System.out.println("new: " + report));
        // tag::nightly-report[]
        state.set("session:" + user, Map.of("page", "/home"), Duration.ofMinutes(30));
        long visits = state.incrementBy("visits", 1);
        state.putFields("last-seen", Map.of(user, "/home"));

        Optional<Lease> lease = state.tryAcquire("report", Duration.ofSeconds(30));
        if (lease.isPresent()) {
            try (Lease held = lease.get()) {
                Map<String, Object> report = Map.of("visits", visits, "token", held.token());
                state.append("reports", report);
                state.publish("reports", report);
            }
        }
        List<Object> reports = state.range("reports", -10, -1); // the last ten
        // end::nightly-report[]
        subscription.close();
        return reports;
    }
}
