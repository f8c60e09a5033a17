package io.forebay.mongodb.document;

import io.forebay.spi.Bytes;
import java.util.ArrayList;
import java.util.List;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/**
 * Changes of one document in their order. Every field stands where it was first changed, and its later changes are laid into
 * that one where this does exactly the same: so the list does not depend on how it was put together.
 *
 * @param id the key as it was spelled where that is not its canonical form: how a new document will hold it
 */
record Operations(@Nullable BsonValue id, List<Change> changes) {
    static final String ID = "id";
    private static final String CHANGES = "changes";

    Operations {
        changes = List.copyOf(changes);
    }

    /** These and then the newer ones. What those would do to a new document only is dropped: behind these there is none. */
    Operations then(Operations newer) {
        List<Change> merged = new ArrayList<>(changes);
        for (Change change : newer.changes) if (change.operator() != Operator.SET_ON_INSERT) append(merged, change);
        return new Operations(id, merged);
    }

    private static void append(List<Change> changes, Change newer) {
        int last = lastConflict(changes, newer);
        Change both = last < 0 ? null : Composition.of(changes.get(last), newer);
        if (both == null) {
            changes.add(newer);
        } else if (Composition.movesOn(changes.get(last), newer)) {
            changes.remove(last);
            append(changes, newer);
        } else {
            changes.remove(last);
            settle(changes, last, both);
        }
    }

    /** What was laid into one change may make those of the same field before it superfluous too. */
    private static void settle(List<Change> changes, int at, Change change) {
        int last = lastConflict(changes.subList(0, at), change);
        Change both = last < 0 ? null : Composition.of(changes.get(last), change);
        if (both == null) {
            changes.add(at, change);
            return;
        }
        boolean movesOn = Composition.movesOn(changes.get(last), change);
        changes.remove(last);
        settle(changes, movesOn ? at - 1 : last, both);
    }

    private static int lastConflict(List<Change> changes, Change newer) {
        for (int i = changes.size() - 1; i >= 0; i--) if (changes.get(i).conflicts(newer)) return i;
        return -1;
    }

    Bytes toBytes() {
        BsonDocument bson = new BsonDocument();
        if (id != null) bson.append(ID, id);
        return BsonBytes.of(bson.append(
                CHANGES, new BsonArray(changes.stream().map(Change::toBson).toList())));
    }

    static Operations of(Bytes bytes) {
        BsonDocument bson = BsonBytes.document(bytes);
        List<Change> changes = bson.getArray(CHANGES).stream()
                .map(change -> Change.fromBson(change.asDocument()))
                .toList();
        return new Operations(bson.get(ID), changes);
    }
}
