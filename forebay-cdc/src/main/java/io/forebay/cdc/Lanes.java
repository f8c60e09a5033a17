package io.forebay.cdc;

import io.forebay.ForebayException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What is to be done, target by target, and when. One call of a target is under way at a time, so that order is kept; targets
 * that can go together go in one call. A call that failed is made again in smaller ones, until what the cache refuses is alone.
 * While it answers nothing at all, one small call after the other asks whether it is back. Thread-safe.
 */
final class Lanes {
    private static final int MAX_JOINT_CALLS = 4;
    private static final int MAX_CALLS = 256;
    private static final long FIRST_PAUSE_NANOS = 10_000_000;
    private static final long MAX_PAUSE_NANOS = 1_000_000_000;

    /** A lane that was given up: the dead letter is of the last record. */
    record Refused(List<Waiter> waiters, Throwable error) {}

    /** What came of a call. */
    record Outcome(List<Waiter> done, List<Refused> refused) {}

    private record Due(Lane lane, long nanos) {}

    private final int maxRefusals;
    private final LongSupplier nanoTime;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Target, Lane> lanes = new HashMap<>();
    private final Set<Lane> refreshing = new HashSet<>();
    private final List<ArrayDeque<Lane>> ready = new ArrayList<>();
    private final PriorityQueue<Due> waiting;
    private int jointCalls;
    private int calls;
    private long answers;
    private boolean away;
    private int failuresInARow;
    private long nextProbeNanos;

    /** @param maxRefusals after how many refusals, while others are taken, a target is given up */
    Lanes(int maxRefusals, LongSupplier nanoTime) {
        this.maxRefusals = maxRefusals;
        this.nanoTime = nanoTime;
        long origin = nanoTime.getAsLong();
        this.waiting = new PriorityQueue<>(Comparator.comparingLong(due -> due.nanos() - origin));
        for (int level = 0; level <= Lane.ALONE; level++) ready.add(new ArrayDeque<>());
    }

    void add(Map<Target, Action> actions, Waiter waiter) {
        lock.lock();
        try {
            actions.forEach((target, action) -> add(target, action, waiter));
        } finally {
            lock.unlock();
        }
    }

    private void add(Target target, Action action, Waiter waiter) {
        if (target.kind() != Target.Kind.KEY) dropRefreshes(target);
        Lane lane = lanes.get(target);
        if (lane == null) {
            lane = new Lane(target);
            lanes.put(target, lane);
        }
        boolean queued = lane.isPending();
        lane.add(action, waiter);
        if (action.refresh() != null) refreshing.add(lane);
        if (!queued && !lane.isUnderWay()) ready.get(lane.level()).add(lane);
    }

    /** Which entries have a tag is not known here. */
    private void dropRefreshes(Target target) {
        boolean isPrefix = target.kind() == Target.Kind.PREFIX;
        for (Lane lane : refreshing)
            if (!isPrefix || lane.target().name().startsWith(target.name())) lane.dropRefresh();
    }

    /** The next call to make, null if there is none now. */
    @Nullable
    Call next() {
        lock.lock();
        try {
            long now = nanoTime.getAsLong();
            if (away) return probe(now);
            wake(now);
            if (calls >= MAX_CALLS) return null;
            for (int level = 0; level <= Lane.ALONE; level++)
                if (!ready.get(level).isEmpty() && (level == Lane.ALONE || jointCalls < MAX_JOINT_CALLS))
                    return call(ready.get(level), level < Lane.ALONE);
            return null;
        } finally {
            lock.unlock();
        }
    }

    private void wake(long now) {
        while (!waiting.isEmpty() && waiting.element().nanos() - now <= 0) {
            Lane lane = waiting.remove().lane();
            ready.get(lane.level()).add(lane);
        }
    }

    private Call call(ArrayDeque<Lane> queue, boolean joint) {
        Map<Lane, Action> actions = new LinkedHashMap<>();
        int company = queue.element().company();
        while (actions.size() < company && !queue.isEmpty() && fits(queue.element(), company))
            take(queue.remove(), actions);
        return begin(actions, joint);
    }

    /** What came to a lane while it was in the queue may have changed its level. */
    private static boolean fits(Lane lane, int company) {
        return lane.company() >= company;
    }

    /** One lane, and another one each time: the one that is refused must not stand for all. */
    private @Nullable Call probe(long now) {
        if (calls > 0 || nextProbeNanos - now > 0) return null;
        Map<Lane, Action> actions = new LinkedHashMap<>();
        for (ArrayDeque<Lane> queue : ready) {
            if (!actions.isEmpty()) break;
            if (!queue.isEmpty()) take(queue.remove(), actions);
        }
        if (actions.isEmpty() && !waiting.isEmpty()) take(waiting.remove().lane(), actions);
        return actions.isEmpty() ? null : begin(actions, false);
    }

    private void take(Lane lane, Map<Lane, Action> to) {
        to.put(lane, lane.send(answers));
    }

    private Call begin(Map<Lane, Action> actions, boolean joint) {
        Call call = new Call(actions, joint, answers);
        calls++;
        if (joint) jointCalls++;
        return call;
    }

    /** The cache has acknowledged the call. */
    Outcome acknowledged(Call call) {
        lock.lock();
        try {
            ended(call);
            answers++;
            away = false;
            failuresInARow = 0;
            List<Waiter> done = new ArrayList<>();
            for (Lane lane : call.actions().keySet()) {
                done.addAll(lane.acknowledged());
                goOn(lane);
            }
            return new Outcome(done, List.of());
        } finally {
            lock.unlock();
        }
    }

    /** The call failed, or nothing is known of it. */
    Outcome failed(Call call, Throwable error) {
        lock.lock();
        try {
            ended(call);
            long now = nanoTime.getAsLong();
            if (answers == call.answersBefore()) nobodyAnswers(now);
            List<Refused> refused = new ArrayList<>();
            for (Lane lane : call.actions().keySet()) {
                if (call.isAlone() && lane.mayBeGivenUp() && isHopeless(error)) {
                    refused.add(new Refused(lane.giveUp(), error));
                    goOn(lane);
                    continue;
                }
                lane.failed(call.isAlone(), answers);
                if (lane.mayBeGivenUp() && lane.refusals() >= maxRefusals) {
                    lane.send(answers);
                    refused.add(new Refused(lane.giveUp(), error));
                    goOn(lane);
                } else {
                    waiting.add(new Due(lane, now + pauseNanos(lane.failures())));
                }
            }
            return new Outcome(List.of(), refused);
        } finally {
            lock.unlock();
        }
    }

    private void ended(Call call) {
        calls--;
        if (call.joint()) jointCalls--;
    }

    private void nobodyAnswers(long now) {
        away = true;
        failuresInARow++;
        nextProbeNanos = now + pauseNanos(failuresInARow);
    }

    private static boolean isHopeless(Throwable error) {
        return error instanceof IllegalArgumentException
                || (error instanceof ForebayException known && !known.retryable());
    }

    private static long pauseNanos(int failures) {
        return Math.min(MAX_PAUSE_NANOS, FIRST_PAUSE_NANOS << Math.min(failures - 1, 20));
    }

    private void goOn(Lane lane) {
        if (!lane.refreshes()) refreshing.remove(lane);
        if (lane.isPending()) ready.get(lane.level()).add(lane);
        else lanes.remove(lane.target());
    }

    private boolean isIdle() {
        return waiting.isEmpty() && ready.stream().allMatch(ArrayDeque::isEmpty);
    }

    /** How long there is nothing to do, unless something is added or answered. */
    long idleNanos() {
        lock.lock();
        try {
            long now = nanoTime.getAsLong();
            if (calls >= (away ? 1 : MAX_CALLS)) return Long.MAX_VALUE;
            if (away) return isIdle() ? Long.MAX_VALUE : Math.max(0, nextProbeNanos - now);
            return waiting.isEmpty()
                    ? Long.MAX_VALUE
                    : Math.max(0, waiting.element().nanos() - now);
        } finally {
            lock.unlock();
        }
    }

    /** Whether the cache answers nothing at present. */
    boolean isAway() {
        lock.lock();
        try {
            return away;
        } finally {
            lock.unlock();
        }
    }

    /** How many targets are being tried again. */
    int blocked() {
        lock.lock();
        try {
            return (int)
                    lanes.values().stream().filter(lane -> lane.failures() > 0).count();
        } finally {
            lock.unlock();
        }
    }
}
