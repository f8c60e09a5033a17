package io.forebay.cli.torture;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The database that is written to, the bad network before it, and how it is restarted. Not thread-safe. */
final class Target implements AutoCloseable {
    private final String url;
    private final @Nullable H2Server server;
    private final @Nullable RestartCommand command;
    private final @Nullable Relay relay;

    private Target(String url, @Nullable H2Server server, @Nullable RestartCommand command, @Nullable Relay relay) {
        this.url = url;
        this.server = server;
        this.command = command;
        this.relay = relay;
    }

    /** The user's own database. */
    static Target of(String url, Set<Fault> faults, @Nullable String restartCommand, long seed) {
        RestartCommand command =
                restartCommand == null ? null : new RestartCommand("--restart-command", restartCommand);
        return new Target(url, null, command, relay(url, faults, seed));
    }

    /** H2, in {@code directory}: a file, or behind a server of its own if that is to be killed. */
    static Target h2(Path directory, Set<Fault> faults, long seed) throws IOException {
        if (!faults.contains(Fault.DB_RESTART))
            return new Target(
                    "jdbc:h2:file:" + directory.resolve("db") + ";WRITE_DELAY=0;TRACE_LEVEL_FILE=0", null, null, null);
        H2Server server = H2Server.in(directory);
        return new Target(server.url(), server, null, relay(server.url(), faults, seed));
    }

    private static @Nullable Relay relay(String url, Set<Fault> faults, long seed) {
        if (!faults.contains(Fault.CONNECTION_CUT)) return null;
        return Relay.to(url, seed).orElse(null);
    }

    /** The straight way to it. */
    String url() {
        return url;
    }

    /** The way that the writing process takes. */
    String urlForWorker() {
        return relay == null ? url : relay.through(url);
    }

    Optional<Restarts> restarts() {
        return Optional.ofNullable(server != null ? server : command);
    }

    /** How many connections were reset on the way to it. */
    int cuts() {
        return relay == null ? 0 : relay.cuts();
    }

    @Override
    public void close() {
        if (server != null) server.close();
        if (relay != null) relay.close();
    }
}
