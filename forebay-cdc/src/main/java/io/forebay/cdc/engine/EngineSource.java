package io.forebay.cdc.engine;

import io.forebay.cdc.CdcListener;
import io.forebay.cdc.ChangeHandler;
import io.forebay.cdc.ChangeSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes from Debezium's engine inside this process: PostgreSQL, MySQL, MariaDB or MongoDB, without Kafka. The engine's position is
 * kept in a directory that belongs to this source alone. When the engine stops it is started again, from the position of the last
 * batch that was finished. Where there is no position, where PostgreSQL's slot is gone, lost or ahead of the position, and where
 * the server has no log any more for it, that is a gap.
 *
 * <p>One source per database for all processes: caches in the others hear of invalidations through what they share. Every source has
 * a replication slot on PostgreSQL, for which the server keeps its log while nobody reads it: {@link #forget} it when it is not
 * needed any more.
 */
public final class EngineSource implements ChangeSource {
    private static final Logger LOG = LoggerFactory.getLogger(EngineSource.class);
    private static final String POSTGRES = "io.debezium.connector.postgresql.PostgresConnector";
    private static final Set<String> BINARY_LOGS =
            Set.of("io.debezium.connector.mysql.MySqlConnector", "io.debezium.connector.mariadb.MariaDbConnector");
    private static final String SCHEMA_HISTORY = "schema.history.internal";
    private static final long MIN_PAUSE_MILLIS = 200;
    private static final long MAX_PAUSE_MILLIS = 10_000;

    private final Map<String, String> properties;
    private final Path offsets;
    private final Path schemas;
    private final FileChannel lock;
    private volatile @Nullable EngineRun running;
    private volatile boolean stopped;
    private @Nullable Thread thread;

    private EngineSource(Map<String, String> properties, Path directory) throws IOException {
        this.properties = Map.copyOf(properties);
        Files.createDirectories(directory);
        this.offsets = directory.resolve("offsets.json");
        this.schemas = directory.resolve("schemas.jsonl");
        this.lock = lock(directory);
    }

    /**
     * Settings of a source.
     *
     * @param directory where its position is kept; made if it is missing
     */
    public static Builder builder(Path directory) {
        return new Builder(directory);
    }

    private static FileChannel lock(Path directory) throws IOException {
        FileChannel channel =
                FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() != null) return channel;
        } catch (OverlappingFileLockException e) {
            LOG.debug("locked by this process", e);
        }
        channel.close();
        throw new IllegalStateException("another source uses the directory " + directory);
    }

    @Override
    public synchronized void start(ChangeHandler handler, CdcListener listener) {
        if (thread != null) throw new IllegalStateException("the source was started before");
        Thread runner = new Thread(() -> run(handler, listener), "forebay-cdc-engine");
        runner.setDaemon(true);
        thread = runner;
        runner.start();
    }

    @Override
    public boolean isHealthy() {
        EngineRun run = running;
        return run != null && run.isPolling();
    }

    @Override
    public synchronized void close(Duration timeout) {
        stopped = true;
        try {
            if (thread != null) stop(thread, timeout);
            lock.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException("the directory could not be released", e);
        }
    }

    private void stop(Thread runner, Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (runner.isAlive() && deadline - System.nanoTime() > 0) {
            EngineRun run = running;
            if (run != null) run.stop();
            runner.join(100);
        }
        if (runner.isAlive()) LOG.warn("the engine did not stop within {}", timeout);
    }

    /**
     * Gives up the position of the closed source, and PostgreSQL's replication slot with it. The next start is a gap.
     *
     * @throws SQLException if the slot could not be dropped
     */
    public synchronized void forget() throws SQLException {
        if (!stopped) throw new IllegalStateException("the source is not closed");
        deletePosition();
        if (isPostgres()) new ReplicationSlot(properties).drop();
    }

    private void run(ChangeHandler handler, CdcListener listener) {
        long pauseMillis = MIN_PAUSE_MILLIS;
        while (!stopped) {
            boolean worked = false;
            try {
                EngineRun run = new EngineRun(
                        engineProperties(), handler, reasonForGap().orElse(null), isPostgres());
                running = run;
                Throwable error = run.run();
                worked = error == null;
                if (error != null) failed(error, listener);
            } catch (SQLException
                    | RuntimeException
                    | LinkageError e) { // a library is missing: that must not be silent
                failed(e, listener);
            }
            running = null;
            pauseMillis = worked ? MIN_PAUSE_MILLIS : Math.min(2 * pauseMillis, MAX_PAUSE_MILLIS);
            pause(pauseMillis);
        }
    }

    private void failed(Throwable error, CdcListener listener) {
        if (stopped) return;
        LOG.warn("the engine has stopped; starting it again: {}", error.toString());
        LOG.debug("the engine has stopped", error);
        listener.sourceFailed(error);
        if (LostHistory.isSaidBy(error)) deletePosition();
    }

    /** Looks before every start; afterwards the connector makes a slot by itself. */
    private Optional<String> reasonForGap() throws SQLException {
        Map<String, String> stored = OffsetFile.read(offsets);
        if (stored.isEmpty()) return Optional.of("no position is known: the first start, or it was given up");
        Optional<String> reason = isPostgres() ? new ReplicationSlot(properties).gapSince(stored) : Optional.empty();
        if (reason.isPresent()) deletePosition();
        return reason;
    }

    /** A binary log names columns by number: the connector keeps what they are called, here unless settings say where. */
    private boolean keepsSchemas() {
        return BINARY_LOGS.contains(properties.get("connector.class")) && !properties.containsKey(SCHEMA_HISTORY);
    }

    private boolean isPostgres() {
        return POSTGRES.equals(properties.get("connector.class"));
    }

    /** With the schemas of the tables at that position. */
    private void deletePosition() {
        try {
            Files.deleteIfExists(offsets);
            Files.deleteIfExists(schemas);
        } catch (IOException e) {
            throw new UncheckedIOException("the position could not be deleted: " + offsets, e);
        }
    }

    private Properties engineProperties() {
        Properties all = new Properties();
        all.putAll(properties);
        all.put("offset.storage", OffsetFile.class.getName());
        all.put(OffsetFile.PROPERTY, offsets.toString());
        if (keepsSchemas()) {
            all.put(SCHEMA_HISTORY, "io.debezium.storage.file.history.FileSchemaHistory");
            all.put(SCHEMA_HISTORY + ".file.filename", schemas.toString());
        }
        return all;
    }

    private void pause(long millis) {
        try {
            for (long left = millis; left > 0 && !stopped; left -= 50) TimeUnit.MILLISECONDS.sleep(Math.min(left, 50));
        } catch (InterruptedException e) {
            stopped = true;
            Thread.currentThread().interrupt();
        }
    }

    /** Settings of an {@link EngineSource}. One thread. */
    public static final class Builder {
        /** What must be as it is, so that nothing is lost. */
        private static final Map<String, String> FIXED = Map.of(
                "errors.max.retries", "0", // the engine would go on with the next batch; and make a new slot unasked
                "record.processing.order", "ORDERED",
                "converter.schemas.enable", "false",
                "key.converter.schemas.enable", "false",
                "value.converter.schemas.enable", "false",
                "header.converter.schemas.enable", "false");

        private static final Set<String> RESERVED =
                Set.of("offset.storage", "offset.storage.file.filename", OffsetFile.PROPERTY);

        private static final Map<String, String> DEFAULTS = Map.ofEntries(
                Map.entry("name", "forebay"),
                Map.entry("topic.prefix", "forebay"),
                Map.entry("poll.interval.ms", "10"),
                Map.entry("offset.flush.interval.ms", "1000"),
                Map.entry("snapshot.mode", "no_data"),
                Map.entry("tombstones.on.delete", "false"),
                Map.entry("heartbeat.interval.ms", "5000"),
                Map.entry("skipped.operations", "none"),
                Map.entry(
                        "connect.keep.alive.interval.ms", "5000"), // or a binary log is connected again after a minute
                Map.entry("decimal.handling.mode", "string"));

        private final Path directory;
        private final Map<String, String> given = new HashMap<>();

        private Builder(Path directory) {
            this.directory = directory;
        }

        /** PostgreSQL, by way of its built-in {@code pgoutput}. The slot is called {@code forebay} unless {@code slot.name} is set. */
        public Builder postgres(String host, int port, String database, String user, String password) {
            given.put("connector.class", POSTGRES);
            given.put("database.hostname", host);
            given.put("database.port", Integer.toString(port));
            given.put("database.dbname", database);
            given.put("database.user", user);
            given.put("database.password", password);
            given.putIfAbsent("plugin.name", "pgoutput");
            given.putIfAbsent("slot.name", "forebay");
            return this;
        }

        /** A property of Debezium's engine or connector, such as {@code table.include.list}. */
        public Builder property(String name, String value) {
            given.put(name, value);
            return this;
        }

        /**
         * The source, not started yet.
         *
         * @throws IllegalArgumentException if settings are missing or wrong, with all of them in the message
         * @throws IllegalStateException if another source uses the directory
         */
        public EngineSource build() {
            List<String> problems = new ArrayList<>();
            checkConnector(problems);
            for (String name : given.keySet())
                if (RESERVED.contains(name) || FIXED.containsKey(name))
                    problems.add("the property '" + name + "' is decided by the source");
            if (POSTGRES.equals(given.get("connector.class"))) checkPostgres(problems);
            if (!problems.isEmpty()) throw new IllegalArgumentException(String.join("; ", problems));
            Map<String, String> all = new HashMap<>(DEFAULTS);
            all.putAll(given);
            all.putAll(FIXED);
            return open(all);
        }

        private void checkConnector(List<String> problems) {
            String connector = given.getOrDefault("connector.class", "");
            if (connector.isBlank()) {
                problems.add("connector.class is missing, such as " + POSTGRES);
                return;
            }
            try {
                Class.forName(connector, false, EngineSource.class.getClassLoader());
            } catch (ClassNotFoundException e) {
                problems.add(
                        "connector.class '%s' is not on the class path; expected its jar there, such as io.debezium:debezium-connector-mysql"
                                .formatted(connector));
            }
        }

        private void checkPostgres(List<String> problems) {
            for (String name : List.of("database.hostname", "database.dbname", "database.user"))
                if (given.getOrDefault(name, "").isBlank()) problems.add(name + " is missing");
            String slot = given.getOrDefault("slot.name", "debezium");
            if (!slot.matches("[a-z0-9_]{1,63}"))
                problems.add("slot.name '" + slot + "'; expected up to 63 of a-z, 0-9 and _");
            if (Boolean.parseBoolean(given.get("slot.drop.on.stop")))
                problems.add("slot.drop.on.stop would lose changes at every restart; forget() drops the slot");
        }

        private EngineSource open(Map<String, String> all) {
            try {
                return new EngineSource(all, directory);
            } catch (IOException e) {
                throw new UncheckedIOException("the directory cannot be used: " + directory, e);
            }
        }
    }
}
