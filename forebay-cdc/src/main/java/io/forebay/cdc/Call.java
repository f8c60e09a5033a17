package io.forebay.cdc;

import io.forebay.cdc.rule.Refresh;
import io.forebay.spi.InvalidationTarget;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * One call of the cache, for one lane or several.
 *
 * @param actions what is done in it
 * @param joint whether other lanes could have been in it
 * @param answersBefore how many calls the cache had answered when this one was made
 */
record Call(Map<Lane, Action> actions, boolean joint, long answersBefore) {
    Call {
        actions = new LinkedHashMap<>(actions);
    }

    boolean isAlone() {
        return actions.size() == 1;
    }

    /** Makes the call. What the cache throws completes it as well. */
    CompletionStage<Void> send(InvalidationTarget cache) {
        try {
            return isAlone() ? sendOne(cache) : sendAll(cache);
        } catch (RuntimeException e) {
            return CompletableFuture.failedStage(e);
        }
    }

    private CompletionStage<Void> sendOne(InvalidationTarget cache) {
        Lane lane = actions.keySet().iterator().next();
        Action action = actions.values().iterator().next();
        if (lane.target().kind() == Target.Kind.EVERYTHING) return cache.flush(action.reason());
        Refresh refresh = action.refresh();
        if (refresh == null) return sendAll(cache);
        CompletionStage<Void> before = action.invalidate() ? sendAll(cache) : CompletableFuture.completedStage(null);
        return before.thenCompose(
                done -> cache.refresh(lane.target().name(), refresh.value().bytes(), refresh.fence()));
    }

    private CompletionStage<Void> sendAll(InvalidationTarget cache) {
        return cache.invalidate(names(Target.Kind.KEY), names(Target.Kind.TAG), names(Target.Kind.PREFIX));
    }

    private Set<String> names(Target.Kind kind) {
        Set<String> names = new HashSet<>();
        for (Lane lane : actions.keySet())
            if (lane.target().kind() == kind) names.add(lane.target().name());
        return names;
    }
}
