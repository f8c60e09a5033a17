package io.forebay.cdc;

import io.forebay.cdc.event.ChangeParser;
import io.forebay.cdc.rule.Rules;
import io.forebay.spi.InvalidationTarget;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells caches of every change that a source brings, as the rules say.
 *
 * <ul>
 *   <li>A record counts as done when the cache has acknowledged all that it concerns. Sources remember how far all records are done,
 *       so that a process that dies, at any instant, begins before the first one that was not.
 *   <li>What the cache does not acknowledge is tried again, in order for each key, and holds up no other key. Only what the cache
 *       refuses while it takes others becomes a dead letter; while it is away, everything waits.
 *   <li>Where changes may have been missed, everything is invalidated.
 * </ul>
 *
 * Thread-safe. The cache is not closed with it.
 */
public final class CdcPipeline implements AutoCloseable {
    private final ChangeSource source;
    private final DeadLetters deadLetters;
    private final Lanes lanes;
    private final Dispatcher dispatcher;
    private final Intake intake;
    private final Thread thread;

    private CdcPipeline(
            Builder builder, ChangeSource source, Rules rules, InvalidationTarget cache, DeadLetters letters) {
        CdcListener listener = new SafeListener(builder.listener);
        this.source = source;
        this.deadLetters = letters;
        this.lanes = new Lanes(builder.maxRefusals, builder.nanoTime);
        this.dispatcher = new Dispatcher(lanes, cache, letters, builder.callTimeout, builder.clock, listener);
        this.intake = new Intake(
                builder.parser, rules, builder.own, dispatcher, builder.maxUnderWay, builder.clock, listener);
        this.thread = new Thread(dispatcher, "forebay-cdc");
        thread.setDaemon(true);
        thread.start();
        source.start(intake, listener);
    }

    /** Settings of a pipeline; source, rules, cache and dead letters have no default. */
    public static Builder builder() {
        return new Builder();
    }

    /** How it is at present. */
    public PipelineStatus status() {
        return new PipelineStatus(
                intake.underWay.get(),
                lanes.blocked(),
                intake.handled.sum(),
                intake.deadLettered.sum(),
                intake.gaps.sum(),
                !lanes.isAway(),
                source.isHealthy());
    }

    /**
     * Handles the dead letters again, by the rules of now. What they bring is never stored, only invalidated: others have come since.
     *
     * @return how many are gone, and how many stay
     */
    public DeadLetters.Replayed replay() throws InterruptedException {
        return deadLetters.replay(intake::again);
    }

    /** Stops the source, which remembers what was done, and then the pipeline. What is under way is told again after a start. */
    @Override
    public void close() {
        source.close();
        dispatcher.stop();
        try {
            thread.join(Duration.ofSeconds(10).toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        deadLetters.close();
    }

    /** Settings of a {@link CdcPipeline}. One thread. */
    public static final class Builder {
        private @Nullable ChangeSource source;
        private @Nullable Rules rules;
        private @Nullable InvalidationTarget cache;
        private @Nullable DeadLetters deadLetters;
        private @Nullable OwnTransactions own;
        private ChangeParser parser = ChangeParser.create();
        private CdcListener listener = CdcListener.NONE;
        private int maxRefusals = 5;
        private int maxUnderWay = 20_000;
        private Duration callTimeout = Duration.ofSeconds(30);
        private InstantSource clock = InstantSource.system();
        private LongSupplier nanoTime = System::nanoTime;

        private Builder() {}

        /** Where changes come from; it is closed with the pipeline. Required. */
        public Builder source(ChangeSource from) {
            this.source = from;
            return this;
        }

        /** What they concern. Required. */
        public Builder rules(Rules of) {
            this.rules = of;
            return this;
        }

        /** What is told. Required. */
        public Builder cache(InvalidationTarget target) {
            this.cache = target;
            return this;
        }

        /** Where records go that cannot be handled; it is closed with the pipeline. Required. */
        public Builder deadLetters(DeadLetters to) {
            this.deadLetters = to;
            return this;
        }

        /** Transactions whose changes need not be told, because this process has done so. Default: none. */
        public Builder ownTransactions(OwnTransactions transactions) {
            this.own = transactions;
            return this;
        }

        /** How records are read. Default {@link ChangeParser#create}. */
        public Builder parser(ChangeParser reader) {
            this.parser = Objects.requireNonNull(reader, "parser");
            return this;
        }

        /** Hears what becomes of changes. Default: nobody. */
        public Builder listener(CdcListener hears) {
            this.listener = Objects.requireNonNull(hears, "listener");
            return this;
        }

        /** How often the cache may refuse one key, while it takes others, before its record is a dead letter. At least 1, default 5. */
        public Builder maxRefusals(int times) {
            this.maxRefusals = times;
            return this;
        }

        /** How many records may be under way before the source waits. At least 1, default 20,000. */
        public Builder maxUnderWay(int records) {
            this.maxUnderWay = records;
            return this;
        }

        /** After what time a call of the cache that was not answered counts as failed. Positive, default 30 s. */
        public Builder callTimeout(Duration timeout) {
            this.callTimeout = timeout;
            return this;
        }

        /** The wall clock, for tests. */
        Builder clock(InstantSource wall) {
            this.clock = wall;
            return this;
        }

        /**
         * Starts the pipeline.
         *
         * @throws IllegalArgumentException if settings are missing or wrong, with all of them in the message
         */
        public CdcPipeline start() {
            List<String> problems = new ArrayList<>();
            if (source == null) problems.add("source is missing");
            if (rules == null) problems.add("rules are missing");
            if (cache == null) problems.add("cache is missing");
            if (deadLetters == null) problems.add("deadLetters are missing");
            if (maxRefusals < 1) problems.add("maxRefusals must be at least 1, was " + maxRefusals);
            if (maxUnderWay < 1) problems.add("maxUnderWay must be at least 1, was " + maxUnderWay);
            if (callTimeout.isNegative() || callTimeout.isZero())
                problems.add("callTimeout must be positive, was " + callTimeout);
            if (source == null || rules == null || cache == null || deadLetters == null || !problems.isEmpty())
                throw new IllegalArgumentException(String.join("; ", problems));
            return new CdcPipeline(this, source, rules, cache, deadLetters);
        }
    }
}
