package io.forebay;

import io.forebay.internal.journal.FileDisk;
import io.forebay.internal.journal.JournalSettings;
import io.forebay.internal.lifecycle.EmbeddedEngine;
import io.forebay.internal.lifecycle.Engine;
import io.forebay.internal.lifecycle.EngineSettings;
import io.forebay.internal.lifecycle.SharedEngine;
import io.forebay.spi.Disk;
import io.forebay.spi.Driver;
import io.forebay.spi.Sink;
import io.forebay.spi.SinkProvider;
import io.forebay.spi.SinkSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A write-behind buffer in front of one or more databases. Writes are merged per row, journaled, and flushed in batches;
 * every write acknowledged as {@link Durability#SYNCED} reaches the database exactly once, and every read is exact,
 * whichever process dies. Thread-safe.
 *
 * <p>A write is not part of the caller's own transaction: a rollback there does not undo it.
 */
public final class Forebay implements AutoCloseable {
    /** Name of the database that the methods without a name mean. */
    public static final String DEFAULT_DATABASE = "default";

    /** How long {@link #close()} flushes. */
    public static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);

    private final Map<String, Database> databases;

    private Forebay(Map<String, Database> databases) {
        this.databases = databases;
    }

    /** Begins the settings of a new one. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * A database by its name.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    public Database database(String name) {
        Database database = databases.get(name);
        if (database == null)
            throw new IllegalArgumentException(
                    "there is no database %s; there is %s".formatted(name, databases.keySet()));
        return database;
    }

    /** All databases, in the order they were given. Unmodifiable. */
    public Collection<Database> databases() {
        return Collections.unmodifiableCollection(databases.values());
    }

    private Database database() {
        return database(databases.size() == 1 ? databases.keySet().iterator().next() : DEFAULT_DATABASE);
    }

    /** As {@link Database#table(String)}, of the default (or only) database. */
    public Table table(String name) {
        return database().table(name);
    }

    /** As {@link Database#table(String, Consumer)}, of the default (or only) database. */
    public Table table(String name, Consumer<TableOptions> options) {
        return database().table(name, options);
    }

    /** As {@link Database#source}, of the default (or only) database. */
    public Source source(String name) {
        return database().source(name);
    }

    /** Starts a flush of every database. */
    public CompletableFuture<Void> flush() {
        return CompletableFuture.allOf(
                databases.values().stream().map(Database::flush).toArray(CompletableFuture[]::new));
    }

    /** Flushes every database and waits, however long they take. */
    public void flushAndWait() {
        Engine.await(flush());
    }

    /** The state of the default (or only) database. */
    public Stats stats() {
        return database().stats();
    }

    /** Closes within {@link #CLOSE_TIMEOUT}. */
    @Override
    public void close() {
        close(CLOSE_TIMEOUT);
    }

    /**
     * Refuses new writes, then flushes for at most {@code timeout} per database. What did not reach a database stays in its
     * journal and is flushed after the next start. Closing again does nothing.
     *
     * @return how many pending rows stay in the journals
     * @throws RuntimeException what the first database threw whose close failed, after all have been closed
     */
    public long close(Duration timeout) {
        long left = 0;
        RuntimeException failure = null;
        for (Database database : databases.values()) {
            try {
                left += database.close(timeout);
            } catch (RuntimeException e) {
                if (failure == null) failure = e;
                else failure.addSuppressed(e);
            }
        }
        if (failure != null) throw failure;
        return left;
    }

    /** Settings of a {@link Forebay}. Not thread-safe. */
    public static final class Builder {
        private static final int MAX_PARTITIONS = JournalSettings.MAX_PARTITIONS;

        private final Map<String, Object> databases = new LinkedHashMap<>();
        private @Nullable Function<String, Disk> disks;
        private int partitions = 8;
        private Durability durability = Durability.SYNCED;
        private FlushPolicy flush = FlushPolicy.DEFAULT;
        private BufferPolicy buffer = BufferPolicy.DEFAULT;
        private JournalPolicy journal = JournalPolicy.DEFAULT;
        private @Nullable Driver driver;
        private boolean flushes = true;
        private ForebayListener listener = ForebayListener.NONE;
        private boolean createTables;

        private Builder() {}

        /** The database to write to, under the name {@value Forebay#DEFAULT_DATABASE}. */
        public Builder database(DataSource dataSource) {
            return database(DEFAULT_DATABASE, dataSource);
        }

        /**
         * One more database.
         *
         * @param name lower-case letters, digits, {@code _} and {@code -}; names its directory in the journal
         */
        public Builder database(String name, DataSource dataSource) {
            return add(name, dataSource);
        }

        /** A database behind a sink of one's own; it is closed with this {@link Forebay}. */
        public Builder database(String name, Sink sink) {
            return add(name, sink);
        }

        private Builder add(String name, Object database) {
            if (databases.putIfAbsent(EngineSettings.requireName("database", name), database) != null)
                throw new IllegalArgumentException("database " + name + " is given twice");
            return this;
        }

        /** The directory of the journals, one subdirectory per database; made if it is absent. On a local disk. */
        public Builder journal(Path directory) {
            return journal(name -> FileDisk.at(directory.resolve(name)));
        }

        /** Where each database's journal is, by its name. */
        public Builder journal(Function<String, Disk> diskOf) {
            disks = diskOf;
            return this;
        }

        /**
         * A journal that several processes share, in place of one of this process's own: every process that names the same
         * one writes to the same buffers, and any of them flushes. Tables and rows are used as before.
         */
        public Builder driver(Driver shared) {
            driver = shared;
            return this;
        }

        /**
         * Whether this process takes part in flushing a shared buffer; default true. Without a {@link #driver} it always
         * does: nobody else can.
         */
        public Builder flushes(boolean takesPart) {
            flushes = takesPart;
            return this;
        }

        /** Partitions per database, fixed when the journal is made: 1 to 1024, default 8. */
        public Builder partitions(int count) {
            if (count < 1 || count > MAX_PARTITIONS)
                throw new IllegalArgumentException(
                        "partitions must be between 1 and %d, was %d".formatted(MAX_PARTITIONS, count));
            partitions = count;
            return this;
        }

        /** What acks wait for; default {@link Durability#SYNCED}. */
        public Builder durability(Durability level) {
            durability = level;
            return this;
        }

        /** When to flush; default {@link FlushPolicy#DEFAULT}. */
        public Builder flush(FlushPolicy policy) {
            flush = policy;
            return this;
        }

        /** How much may be pending; default {@link BufferPolicy#DEFAULT}. */
        public Builder buffer(BufferPolicy policy) {
            buffer = policy;
            return this;
        }

        /** How the journal uses its disk; default {@link JournalPolicy#DEFAULT}. */
        public Builder journalPolicy(JournalPolicy policy) {
            journal = policy;
            return this;
        }

        /** Hears of every stage; default nobody. */
        public Builder listener(ForebayListener hearer) {
            listener = hearer;
            return this;
        }

        /** Creates Forebay's own tables where they are missing; by default that is a migration's work. */
        public Builder createTables() {
            createTables = true;
            return this;
        }

        /**
         * Opens the journals, recovers what they hold, takes the partitions of every database that can be reached, and
         * starts.
         *
         * @throws IllegalArgumentException if no database is given, or not one of a journal and a driver
         * @throws ForebayException if a journal is in use or damaged, or a database is not the one it belongs to
         */
        public Forebay build() {
            if (databases.isEmpty())
                throw new IllegalArgumentException("give a database: builder().database(dataSource)");
            if (disks == null && driver == null)
                throw new IllegalArgumentException(
                        "give a journal directory, builder().journal(path), or what several processes share, builder().driver(driver)");
            if (disks != null && driver != null)
                throw new IllegalArgumentException(
                        "a journal directory and a driver are given; it is either the one or the other");

            Map<String, Database> opened = new LinkedHashMap<>();
            try {
                databases.forEach((name, database) -> opened.put(name, new Database(name, open(name, database))));
            } catch (RuntimeException e) {
                opened.values().forEach(database -> database.close(Duration.ZERO));
                throw e;
            }
            return new Forebay(opened);
        }

        private Engine open(String name, Object database) {
            EngineSettings settings = new EngineSettings(
                    name, EngineSettings.Target.DATABASE, partitions, durability, flush, buffer, journal, listener);
            Sink sink = database instanceof Sink given ? given : sink((DataSource) database);
            Function<String, Disk> diskOf = disks;
            if (diskOf != null) return EmbeddedEngine.open(settings, diskOf.apply(name), sink);
            return SharedEngine.open(settings, Objects.requireNonNull(driver), sink, flushes);
        }

        private Sink sink(DataSource dataSource) {
            SinkSettings settings = new SinkSettings(flush.timeout(), createTables);
            List<String> asked = new ArrayList<>();
            for (SinkProvider provider : ServiceLoader.load(SinkProvider.class)) {
                Optional<Sink> sink = provider.create(dataSource, settings);
                if (sink.isPresent()) return sink.get();
                asked.add(provider.getClass().getSimpleName());
            }
            throw new IllegalArgumentException(
                    "no module on the class path writes to a DataSource (asked: %s): add io.forebay:forebay-jdbc"
                            .formatted(asked));
        }
    }
}
