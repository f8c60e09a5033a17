package io.forebay.jdbc.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.forebay.FullPolicy;
import io.forebay.testservers.PostgresServer;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Writers that are faster than the database, for as long as one likes: {@code scripts/soak}. */
final class SoakTest {
    private static final Duration AT_ONCE = Duration.ofSeconds(1); // a collection or a busy machine, not a flush
    private static final long ONE_WRITE_BYTES = 4_096;

    private static PostgresServer server;

    @TempDir
    Path folder;

    @BeforeAll
    static void startServer() {
        server = PostgresServer.create();
    }

    @AfterAll
    static void endServer() {
        server.close();
    }

    @Test
    @Tag("slow")
    void writers_that_block_wait_no_longer_than_their_timeout_and_a_flush() {
        block(Duration.ofSeconds(12));
    }

    @Test
    @Tag("slow")
    void writers_that_are_rejected_are_told_at_once() {
        reject(Duration.ofSeconds(8));
    }

    @Test
    @Tag("slow")
    void a_long_soak() {
        Duration time = Duration.ofMinutes(Integer.getInteger("forebay.soak.minutes", 10));
        if (FullPolicy.valueOf(System.getProperty("forebay.soak.policy", "BLOCK")) == FullPolicy.BLOCK) block(time);
        else reject(time);
    }

    private void block(Duration time) {
        SoakFigures figures = soak(time, FullPolicy.BLOCK);

        assertThat(figures.waits().longest()).isLessThan(Soak.WAIT_TIMEOUT.plus(figures.longestFlush()));
    }

    private void reject(Duration time) {
        SoakFigures figures = soak(time, FullPolicy.REJECT);

        assertThat(figures.waits().longest()).isLessThan(AT_ONCE);
        assertThat(figures.waits().below(0.999)).isLessThan(Soak.WAIT_TIMEOUT);
    }

    private SoakFigures soak(Duration time, FullPolicy whenFull) {
        SoakFigures figures = new Soak(server, folder.resolve("journal"), whenFull).run(time);
        System.out.println(figures);

        assertThat(figures.refused())
                .as("writes refused: the database was slower")
                .isPositive();
        assertThat(figures.wrong()).isZero();
        assertThat(figures.stats().deadLetters()).isZero();
        assertThat(figures.mostPendingBytes())
                .isBetween(Soak.BUDGET_BYTES / 2, Soak.BUDGET_BYTES + Soak.WRITERS * ONE_WRITE_BYTES);
        assertThat(figures.mostHeapBytes()).isLessThan(Soak.BUDGET_BYTES);
        return figures;
    }
}
