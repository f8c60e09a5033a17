package io.forebay.benchmarks;

import io.forebay.testservers.PostgresServer;

/** The PostgreSQL that all contenders of a run share. */
public final class Servers {
    private Servers() {}

    /** With fsync, as {@link PostgresServer} starts it; sized so that no checkpoint by volume falls into a measurement. */
    public static PostgresServer postgres() {
        return PostgresServer.create("wal_level=replica", "shared_buffers=1GB", "max_wal_size=8GB");
    }
}
