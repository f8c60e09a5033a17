package io.forebay.kafka.crash;

import io.forebay.testkit.crash.CrashCluster;
import io.forebay.testkit.crash.SharedCrashContract;
import io.forebay.testservers.KafkaServer;
import io.forebay.testservers.PostgresServer;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** Processes that share a buffer through Kafka, killed at random; the database is PostgreSQL. */
class KafkaCrashTest extends SharedCrashContract {
    /** After how long a flusher that says nothing leaves the group. */
    static final Duration SESSION = Duration.ofSeconds(2);

    private static PostgresServer postgres;
    private KafkaServer journal;
    private String url;

    @BeforeAll
    static void start() {
        postgres = PostgresServer.create();
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    @AfterEach
    void stopJournal() {
        if (journal != null) journal.close();
    }

    @Test
    @Tag("slow") // the everyday run pauses flushers, and restarts the journal, with Redis
    @Override
    public void a_flusher_that_is_paused_beyond_its_lease_changes_nothing_when_it_wakes_up() {
        super.a_flusher_that_is_paused_beyond_its_lease_changes_nothing_when_it_wakes_up();
    }

    @Test
    @Tag("slow")
    @Override
    public void a_journal_that_is_killed_and_started_again_neither_loses_nor_doubles_a_write() {
        super.a_journal_that_is_killed_and_started_again_neither_loses_nor_doubles_a_write();
    }

    @Override
    protected DataSource freshDatabase() {
        url = postgres.createDatabase();
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setUrl(url);
        return dataSource;
    }

    @Override
    protected CrashCluster cluster(long seed) {
        stopJournal();
        journal = KafkaServer.create();
        return new CrashCluster(KafkaCrashMain.class, List.of(journal.bootstrapServers(), url, Long.toString(seed)));
    }

    @Override
    protected void restartJournal() {
        journal.kill();
        journal.start();
    }

    @Override
    protected Duration lease() {
        return SESSION;
    }
}
