package io.forebay.cdc;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One target: what is under way for it and what comes after that. While the target does not acknowledge, it holds up nobody else.
 * Guarded by the lock of {@link Lanes}.
 */
final class Lane {
    /** From this on the lane is tried alone. */
    static final int ALONE = 5;

    private static final int COMPANY = 1024;

    private final Target target;
    private @Nullable Action pending;
    private List<Waiter> pendingWaiters = new ArrayList<>();
    private @Nullable Action sent;
    private List<Waiter> sentWaiters = new ArrayList<>();
    private int isolation;
    private int failures;
    private int refusals;
    private long answersBefore; // what the cache had answered when it last failed for this, or was first asked

    Lane(Target target) {
        this.target = target;
    }

    Target target() {
        return target;
    }

    void add(Action action, Waiter waiter) {
        pending = pending == null ? action : pending.then(action);
        pendingWaiters.add(waiter);
    }

    boolean isPending() {
        return pending != null;
    }

    boolean isUnderWay() {
        return sent != null;
    }

    int failures() {
        return failures;
    }

    /** How many lanes may be in a call with this one. Each failure leaves a quarter, so that one that is refused is soon alone. */
    int company() {
        return Math.max(1, COMPANY >> (2 * level()));
    }

    /** Lanes of one level may be in one call. A refresh is a call of its own. */
    int level() {
        boolean refreshes = pending != null && pending.refresh() != null;
        return refreshes || target.kind() == Target.Kind.EVERYTHING ? ALONE : isolation;
    }

    /** What is pending is under way now. */
    Action send(long answers) {
        Action action = pending;
        if (action == null) throw new IllegalStateException("nothing is pending for " + target.kind());
        if (failures == 0) answersBefore = answers;
        sent = action;
        sentWaiters = pendingWaiters;
        pending = null;
        pendingWaiters = new ArrayList<>();
        return action;
    }

    /** Returns who waited for what was under way. */
    List<Waiter> acknowledged() {
        sent = null;
        isolation = 0;
        failures = 0;
        refusals = 0;
        List<Waiter> waited = sentWaiters;
        sentWaiters = new ArrayList<>();
        return waited;
    }

    /**
     * What was under way is pending again, before what came later.
     *
     * @param alone whether no other lane was in the call
     * @param answers what the cache has answered until now: if more than before, it is there, and refuses this
     */
    void failed(boolean alone, long answers) {
        Action first = sent;
        if (first == null) throw new IllegalStateException("nothing is under way for " + target.kind());
        failures++;
        if (!alone) isolation = Math.min(ALONE, isolation + 1);
        else if (answers > answersBefore) refusals++;
        answersBefore = answers;
        pending = pending == null ? first : first.then(pending);
        sentWaiters.addAll(pendingWaiters);
        pendingWaiters = sentWaiters;
        sentWaiters = new ArrayList<>();
        sent = null;
    }

    /** How often the cache refused this and took others. */
    int refusals() {
        return refusals;
    }

    /** Whether someone may be told that it was given up: everything never is. */
    boolean mayBeGivenUp() {
        return target.kind() != Target.Kind.EVERYTHING;
    }

    /** Returns who waited for what was under way, to be told that it was given up. */
    List<Waiter> giveUp() {
        return acknowledged();
    }

    boolean refreshes() {
        return (pending != null && pending.refresh() != null) || (sent != null && sent.refresh() != null);
    }

    /** A value of before now must not be stored any more, nor stay if it is being stored. */
    void dropRefresh() {
        if (refreshes()) pending = Action.INVALIDATE;
    }
}
