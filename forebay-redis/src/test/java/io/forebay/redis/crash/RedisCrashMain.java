package io.forebay.redis.crash;

import com.zaxxer.hikari.HikariDataSource;
import io.forebay.redis.RedisDriver;
import io.forebay.redis.RedisSettings;
import io.forebay.testkit.crash.CrashWorkload;
import io.forebay.testkit.crash.SharedCrashContract;
import io.forebay.testkit.crash.SharedCrashProgram;

/** One of the processes that are killed: address of the journal, URL of the database, seed, place, round. */
public final class RedisCrashMain {
    private static final int LOSE_REPLY_OF = 17;
    private static final int CONNECTIONS = 6;

    private RedisCrashMain() {}

    public static void main(String[] arguments) {
        try (HikariDataSource pool = new HikariDataSource()) {
            pool.setJdbcUrl(arguments[1]);
            pool.setMaximumPoolSize(CONNECTIONS);
            SharedCrashProgram.run(
                    child -> CrashWorkload.busy()
                            .database(child.dataSource(pool, LOSE_REPLY_OF))
                            .driver(RedisDriver.at(RedisSettings.of(arguments[0]))
                                    .withLease(RedisCrashTest.LEASE)),
                    SharedCrashProgram.workload(Long.parseLong(arguments[2]), SharedCrashContract.THREADS),
                    arguments);
        }
    }
}
