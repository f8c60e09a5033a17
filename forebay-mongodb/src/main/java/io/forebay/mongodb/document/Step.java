package io.forebay.mongodb.document;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.bson.BsonDocument;
import org.jspecify.annotations.Nullable;

/** What one update does: actions on fields of which none leads into another, in the order in which the server does them. */
final class Step {
    private final List<Change> changes = new ArrayList<>();
    private final List<Action> actions = new ArrayList<>();
    private @Nullable Path newest;

    private Step() {}

    /** The steps that carry out changes in their order, as few as that order allows. */
    static List<Step> of(List<Change> changes) {
        List<Step> steps = new ArrayList<>();
        for (Change change : changes) {
            for (Action action : change.actions()) {
                if (steps.isEmpty() || !steps.get(steps.size() - 1).takes(change)) steps.add(new Step());
                steps.get(steps.size() - 1).add(change, action);
            }
        }
        return steps;
    }

    /** An update makes missing fields in the order of their paths, so what makes one must come behind those before it. */
    private boolean takes(Change change) {
        boolean inOrder = !change.operator().creates() || newest == null || newest.compareTo(change.path()) < 0;
        return inOrder && changes.stream().noneMatch(change::conflicts);
    }

    private void add(Change change, Action action) {
        changes.add(change);
        actions.add(action);
        if (change.operator().creates()) newest = change.path();
    }

    BsonDocument toUpdate() {
        BsonDocument update = new BsonDocument();
        actions.forEach(action -> action.addTo(update));
        return update;
    }

    /**
     * Does it to a copy of a document.
     *
     * @param isNew whether it is being made
     * @throws RefusedException if the server would refuse the update
     */
    Result applyTo(BsonDocument document, boolean isNew) {
        BsonDocument result = document.clone();
        boolean exact = true;
        for (Action action : inServersOrder()) exact &= action.applyTo(result, isNew);
        return new Result(result, exact);
    }

    private List<Action> inServersOrder() {
        List<Action> ordered = new ArrayList<>(actions);
        ordered.sort(Comparator.comparing(Action::path));
        return ordered;
    }

    /** What an update makes of a document, and whether the server is certain to make the same. */
    record Result(BsonDocument document, boolean exact) {}
}
