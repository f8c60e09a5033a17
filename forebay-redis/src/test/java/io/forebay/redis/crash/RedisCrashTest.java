package io.forebay.redis.crash;

import io.forebay.testkit.crash.CrashCluster;
import io.forebay.testkit.crash.SharedCrashContract;
import io.forebay.testservers.PostgresServer;
import io.forebay.testservers.RedisServer;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.postgresql.ds.PGSimpleDataSource;

/** Processes that share a buffer through Redis, killed at random; the database is PostgreSQL. */
class RedisCrashTest extends SharedCrashContract {
    /** After how long a flusher that says nothing loses its partitions. */
    static final Duration LEASE = Duration.ofSeconds(2);

    private static PostgresServer postgres;
    private RedisServer journal;
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
        journal = RedisServer.create("appendonly=yes", "appendfsync=always");
        return new CrashCluster(RedisCrashMain.class, List.of(journal.uri(), url, Long.toString(seed)));
    }

    @Override
    protected void restartJournal() {
        journal.kill();
        journal.start();
    }

    @Override
    protected Duration lease() {
        return LEASE;
    }
}
