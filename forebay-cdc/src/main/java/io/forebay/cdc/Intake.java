package io.forebay.cdc;

import io.forebay.cdc.event.ChangeEvent;
import io.forebay.cdc.event.ChangeParser;
import io.forebay.cdc.event.ChangeRecord;
import io.forebay.cdc.event.Parsed;
import io.forebay.cdc.event.UnknownShapeException;
import io.forebay.cdc.rule.Invalidation;
import io.forebay.cdc.rule.Rules;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes records, finds out what they concern, and hands that on. Thread-safe, as {@link Streams} is. */
final class Intake implements ChangeHandler {
    private static final Logger LOG = LoggerFactory.getLogger(Intake.class);

    private final ChangeParser parser;
    private final Rules rules;
    private final @Nullable OwnTransactions own;
    private final Dispatcher dispatcher;
    private final int maxUnderWay;
    private final InstantSource clock;
    private final CdcListener listener;
    private final Streams streams = new Streams();
    final AtomicInteger underWay = new AtomicInteger();
    final LongAdder handled = new LongAdder();
    final LongAdder deadLettered = new LongAdder();
    final LongAdder gaps = new LongAdder();

    Intake(
            ChangeParser parser,
            Rules rules,
            @Nullable OwnTransactions own,
            Dispatcher dispatcher,
            int maxUnderWay,
            InstantSource clock,
            CdcListener listener) {
        this.parser = parser;
        this.rules = rules;
        this.own = own;
        this.dispatcher = dispatcher;
        this.maxUnderWay = maxUnderWay;
        this.clock = clock;
        this.listener = listener;
    }

    @Override
    public boolean isFull() {
        return underWay.get() >= maxUnderWay;
    }

    @Override
    public void handle(List<Delivery> deliveries) {
        Instant received = clock.instant();
        for (Delivery delivery : deliveries) {
            underWay.incrementAndGet();
            take(delivery, received);
        }
    }

    private void take(Delivery delivery, Instant received) {
        ChangeRecord record = delivery.record();
        try {
            Parsed parsed = parser.parse(record);
            if (parsed instanceof Parsed.Change change) take(change.event(), delivery, received);
            else ignore(delivery, parsed.toString().toLowerCase(Locale.ROOT).replace('_', ' '));
        } catch (UnknownShapeException e) {
            giveUp(delivery, e.getMessage());
        } catch (RuntimeException e) { // a column that is not what the rules say it is, or a defect: others must go on
            LOG.debug("{} could not be understood", record.place(), e);
            giveUp(delivery, "it could not be understood: " + e);
        }
    }

    private void take(ChangeEvent event, Delivery delivery, Instant received) {
        Map<Target, Action> actions = new HashMap<>();
        if (streams.beginsSnapshot(delivery.stream(), event)) {
            String reason = "a snapshot begins: what changed before it may have been missed";
            actions.put(Target.EVERYTHING, Action.everything(reason));
            tellOfGap(reason);
        }
        boolean repeats = streams.repeatsDeletion(delivery.stream(), event);
        String ignored = reasonToIgnore(event, repeats);
        if (ignored == null) addActions(rules.apply(event), event, actions);
        if (actions.isEmpty()) ignore(delivery, ignored == null ? "concerns no entry" : ignored);
        else
            dispatcher.add(
                    actions,
                    new Work(event, event.record(), received, actions.size(), work -> finished(work, delivery)));
    }

    private @Nullable String reasonToIgnore(ChangeEvent event, boolean repeats) {
        if (repeats) return "tombstone of the deletion before it";
        if (own != null && event.transaction() != null && own.contains(event.transaction())) return "own write";
        return rules.concern(event) ? null : "no rule";
    }

    private void addActions(Invalidation invalidation, ChangeEvent event, Map<Target, Action> to) {
        invalidation.keys().forEach(key -> to.put(new Target(Target.Kind.KEY, key), Action.INVALIDATE));
        invalidation.tags().forEach(tag -> to.put(new Target(Target.Kind.TAG, tag), Action.INVALIDATE));
        invalidation.prefixes().forEach(prefix -> to.put(new Target(Target.Kind.PREFIX, prefix), Action.INVALIDATE));
        invalidation
                .refreshes()
                .forEach((key, value) -> to.put(new Target(Target.Kind.KEY, key), Action.refresh(value)));
        if (!invalidation.everything() || to.containsKey(Target.EVERYTHING)) return;
        String reason = "a tag of " + event.table() + " could not be filled in";
        to.put(Target.EVERYTHING, Action.everything(reason));
        tellOfGap(reason);
    }

    @Override
    public CompletionStage<Void> gap(String reason) {
        CompletableFuture<Void> flushed = new CompletableFuture<>();
        tellOfGap(reason);
        dispatcher.add(Map.of(Target.EVERYTHING, Action.everything(reason)), new Gap(flushed));
        return flushed;
    }

    private void tellOfGap(String reason) {
        gaps.increment();
        LOG.warn("everything is invalidated: {}", reason);
        listener.gap(reason);
    }

    /** Waits for everything to be invalidated; there is no giving up. */
    private record Gap(CompletableFuture<Void> flushed) implements Waiter {
        @Override
        public void done() {
            flushed.complete(null);
        }

        @Override
        public void refused() {
            throw new IllegalStateException("to invalidate everything is never given up");
        }

        @Override
        public @Nullable ChangeRecord record() {
            return null;
        }
    }

    private void finished(Work work, Delivery delivery) {
        if (work.isRefused()) deadLettered.increment();
        else tellHandled(work);
        underWay.decrementAndGet();
        delivery.done().run();
    }

    private void tellHandled(Work work) {
        handled.increment();
        ChangeEvent event = work.event();
        Stages stages = new Stages(
                event.committed(), event.captured(), event.record().published(), work.received(), clock.instant());
        listener.handled(event, stages);
    }

    private void ignore(Delivery delivery, String reason) {
        handled.increment();
        listener.ignored(delivery.record(), reason);
        underWay.decrementAndGet();
        delivery.done().run();
    }

    private void giveUp(Delivery delivery, @Nullable String reason) {
        dispatcher.giveUp(delivery.record(), reason, () -> {
            deadLettered.increment();
            underWay.decrementAndGet();
            delivery.done().run();
        });
    }

    /** Handles a record that was a dead letter: completes with whether it is none any more. */
    CompletableFuture<Boolean> again(DeadLetter letter) {
        CompletableFuture<Boolean> handledNow = new CompletableFuture<>();
        ChangeRecord record = letter.record().withoutFence(); // others have come since: what it brings is not stored
        try {
            Parsed parsed = parser.parse(record);
            if (!(parsed instanceof Parsed.Change change)) return CompletableFuture.completedFuture(true);
            Map<Target, Action> actions = new HashMap<>();
            if (rules.concern(change.event())) addActions(rules.apply(change.event()), change.event(), actions);
            if (actions.isEmpty()) return CompletableFuture.completedFuture(true);
            Consumer<Work> finished = work -> handledNow.complete(!work.isRefused());
            dispatcher.add(actions, new Work(change.event(), null, clock.instant(), actions.size(), finished));
            return handledNow;
        } catch (RuntimeException e) {
            LOG.debug("{} stays in the dead letters", record.place(), e);
            return CompletableFuture.completedFuture(false);
        }
    }
}
