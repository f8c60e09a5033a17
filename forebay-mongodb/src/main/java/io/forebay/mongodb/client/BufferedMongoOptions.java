package io.forebay.mongodb.client;

import com.mongodb.MongoNamespace;
import io.forebay.Durability;
import io.forebay.FlushPolicy;
import io.forebay.Forebay;
import io.forebay.spi.Driver;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is buffered, where, and how. Immutable; made by {@link #builder()}.
 *
 * <pre>{@code
 * BufferedMongoOptions.builder()
 *         .collections("shop", "orders", "page_views")
 *         .journal(Path.of("journal"))
 *         .build();
 * }</pre>
 */
public final class BufferedMongoOptions {
    /** Stands for all collections of a database. */
    private static final Set<String> ALL = Set.of();

    private final Map<String, Set<String>> collections;
    private final @Nullable Path journal;
    private final @Nullable Driver driver;
    private final @Nullable Forebay forebay;
    private final FlushPolicy flush;
    private final Durability durability;
    private final ReadPolicy reads;
    private final boolean ownIds;
    private final boolean exactResults;
    private final Duration flushTimeout;

    private BufferedMongoOptions(Builder builder) {
        collections = Map.copyOf(builder.collections);
        journal = builder.journal;
        driver = builder.driver;
        forebay = builder.forebay;
        flush = builder.policy();
        durability = builder.durability;
        reads = builder.reads;
        ownIds = builder.ownIds;
        exactResults = builder.exactResults;
        flushTimeout = builder.flushTimeout;
    }

    /** Begins the options of a new client. */
    public static Builder builder() {
        return new Builder();
    }

    boolean isBuffered(MongoNamespace collection) {
        Set<String> named = collections.get(collection.getDatabaseName());
        return named != null
                && !collection.getCollectionName().startsWith("system.")
                && !collection.getCollectionName().startsWith("forebay_")
                && (named.equals(ALL) || named.contains(collection.getCollectionName()));
    }

    /** Whether it is buffered because it was named, not because all of its database are. */
    boolean isNamed(MongoNamespace collection) {
        return collections.getOrDefault(collection.getDatabaseName(), ALL).contains(collection.getCollectionName());
    }

    Set<String> databases() {
        return collections.keySet();
    }

    @Nullable
    Path journal() {
        return journal;
    }

    @Nullable
    Driver driver() {
        return driver;
    }

    @Nullable
    Forebay forebay() {
        return forebay;
    }

    FlushPolicy flush() {
        return flush;
    }

    Durability durability() {
        return durability;
    }

    ReadPolicy reads() {
        return reads;
    }

    boolean ownIds() {
        return ownIds;
    }

    boolean exactResults() {
        return exactResults;
    }

    /** How long an operation waits for the flush before it. */
    public Duration flushTimeout() {
        return flushTimeout;
    }

    /** Collects the options; not thread-safe. */
    public static final class Builder {
        private final Map<String, Set<String>> collections = new HashMap<>();
        private @Nullable Path journal;
        private @Nullable Driver driver;
        private @Nullable Forebay forebay;
        private @Nullable FlushPolicy flush;
        private @Nullable Integer maxSize;
        private @Nullable Duration flushInterval;
        private @Nullable Duration overlayExpiry;
        private Durability durability = Durability.SYNCED;
        private ReadPolicy reads = ReadPolicy.READ_YOUR_WRITES;
        private boolean ownIds;
        private boolean exactResults;
        private Duration flushTimeout = Duration.ofSeconds(30);

        private Builder() {}

        /** Buffers these collections of a database; others pass straight through. */
        public Builder collections(String database, String... names) {
            if (names.length == 0)
                throw new IllegalArgumentException(
                        "collections of database %s are not named; all of them are buffered by allCollections(\"%s\")"
                                .formatted(database, database));
            collections.put(database, Set.of(names));
            return this;
        }

        /**
         * Buffers every collection of a database but those of the server ({@code system.…}), those of Forebay, and those that
         * cannot be buffered: views, capped ones, and ones with a collation of their own.
         */
        public Builder allCollections(String database) {
            collections.put(database, ALL);
            return this;
        }

        /** The directory of this process's own journal, on a local disk; made if it is absent. */
        public Builder journal(Path directory) {
            journal = directory;
            return this;
        }

        /** What several processes share in place of a journal of their own: the redis or the kafka driver. */
        public Builder driver(Driver shared) {
            driver = shared;
            return this;
        }

        /**
         * A Forebay that others use as well. It has a database for each one named here, of the same name in lower case, and its
         * own settings: those of this builder about flushing and durability do not apply. It is not closed with the client.
         */
        public Builder forebay(Forebay shared) {
            forebay = shared;
            return this;
        }

        /** Pending documents of one partition that start a flush, and the most one batch carries; 1 or more, default 10,000. */
        public Builder maxSize(int documents) {
            maxSize = documents;
            return this;
        }

        /** Age of the oldest pending write that starts a flush; positive, default 5 s (and up to 1 s at random more). */
        public Builder flushInterval(Duration interval) {
            flushInterval = interval;
            return this;
        }

        /** Every setting of flushing; {@link #maxSize} and {@link #flushInterval} are laid over it. */
        public Builder flush(FlushPolicy policy) {
            flush = policy;
            return this;
        }

        /**
         * The longest a write is to be served from the overlay while the server is there: interval and jitter of the flush
         * are cut to it. Nothing expires before the server holds it. Positive; default none.
         */
        public Builder overlayExpiry(Duration age) {
            overlayExpiry = age;
            return this;
        }

        /** What a write waits for before it returns, default {@link Durability#SYNCED}; with write concern 0 it never waits. */
        public Builder durability(Durability level) {
            durability = level;
            return this;
        }

        /** What reads see of pending writes, default {@link ReadPolicy#READ_YOUR_WRITES}. */
        public Builder reads(ReadPolicy policy) {
            reads = policy;
            return this;
        }

        /**
         * Buffers inserts whose {@code _id} the caller gives, too. By default they go through, because duplicate keys are used
         * as locks: a buffered insert of a key the server has is refused at the flush, when nobody waits for it any more.
         */
        public Builder bufferOwnIds() {
            ownIds = true;
            return this;
        }

        /**
         * Lets updates, replacements and deletes go through, so that their results have matched and modified counts. By default
         * they are buffered, and their results are unacknowledged ones.
         */
        public Builder exactResults() {
            exactResults = true;
            return this;
        }

        /** How long an operation that goes through waits for what is pending before it; positive, default 30 s. */
        public Builder flushTimeout(Duration timeout) {
            flushTimeout = timeout;
            return this;
        }

        /**
         * The options.
         *
         * @throws IllegalArgumentException with every problem in one message
         */
        public BufferedMongoOptions build() {
            List<String> problems = new ArrayList<>();
            if (collections.isEmpty())
                problems.add("nothing is buffered: name collections(database, names…) or allCollections(database)");
            long places =
                    Stream.of(journal, driver, forebay).filter(Objects::nonNull).count();
            if (places != 1)
                problems.add("give one of journal(path), driver(driver) and forebay(shared), %d are given"
                        .formatted(places));
            requirePositive(problems, "flushTimeout", flushTimeout);
            requirePositive(problems, "flushInterval", flushInterval);
            requirePositive(problems, "overlayExpiry", overlayExpiry);
            if (maxSize != null && maxSize < 1) problems.add("maxSize must be at least 1, was " + maxSize);
            if (!problems.isEmpty()) throw new IllegalArgumentException(String.join("; ", problems));
            return new BufferedMongoOptions(this);
        }

        private static void requirePositive(List<String> problems, String name, @Nullable Duration value) {
            if (value != null && (value.isNegative() || value.isZero()))
                problems.add("%s must be positive, was %s".formatted(name, value));
        }

        private FlushPolicy policy() {
            FlushPolicy policy = flush != null ? flush : FlushPolicy.DEFAULT;
            if (maxSize != null) policy = policy.withMaxRows(maxSize);
            if (flushInterval != null) policy = policy.withInterval(flushInterval, policy.jitter());
            if (overlayExpiry == null) return policy;
            Duration interval = shorter(policy.interval(), overlayExpiry);
            return policy.withInterval(interval, shorter(policy.jitter(), overlayExpiry.minus(interval)));
        }

        private static Duration shorter(Duration a, Duration b) {
            return a.compareTo(b) <= 0 ? a : b;
        }
    }
}
