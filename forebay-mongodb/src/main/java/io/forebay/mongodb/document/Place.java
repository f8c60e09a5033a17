package io.forebay.mongodb.document;

import java.util.List;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonNull;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/** Where a path leads to in a document: documents are entered by name, arrays by index. Not thread-safe. */
final class Place {
    /** Most nulls the server puts into an array to reach an index. */
    private static final int MAX_PADDING = 1_500_000;

    private final BsonDocument root;
    private final Path path;

    Place(BsonDocument root, Path path) {
        this.root = root;
        this.path = path;
    }

    /**
     * The value there; null if there is none but one could be put there.
     *
     * @throws RefusedException if the path leads through something that holds no fields
     */
    @Nullable
    BsonValue find() {
        BsonValue current = root;
        for (String part : path.parts()) {
            current = child(current, part);
            if (current == null) return null;
        }
        return current;
    }

    /** Whether the path leads through an array. */
    boolean isInArray() {
        BsonValue current = root;
        for (String part : path.parts()) {
            if (current.isArray()) return true;
            BsonValue next = child(current, part);
            if (next == null) return false;
            current = next;
        }
        return false;
    }

    /**
     * Puts a value there, in place of the one it has or at the end; parents that are missing become documents.
     *
     * @throws RefusedException as {@link #find}, or if an array would have to grow by too many elements
     */
    void put(BsonValue value) {
        BsonValue parent = root;
        List<String> parts = path.parts();
        for (int i = 0; i < parts.size() - 1; i++) {
            BsonValue next = child(parent, parts.get(i));
            if (next == null) {
                next = new BsonDocument();
                put(parent, parts.get(i), next);
            }
            parent = next;
        }
        child(parent, last()); // refuses what cannot be entered
        put(parent, last(), value);
    }

    /** Takes the value away; an element of an array becomes null. Nothing there, or no way there, is no error. */
    void remove() {
        BsonValue parent = root;
        for (String part : path.parts().subList(0, path.parts().size() - 1)) {
            BsonValue next = enterable(parent, part) ? child(parent, part) : null;
            if (next == null) return;
            parent = next;
        }
        if (parent instanceof BsonDocument document) document.remove(last());
        else if (enterable(parent, last()) && child(parent, last()) != null) put(parent, last(), BsonNull.VALUE);
    }

    private String last() {
        return path.parts().get(path.parts().size() - 1);
    }

    private static boolean enterable(BsonValue parent, String part) {
        return parent.isDocument() || parent.isArray() && Path.isIndex(part);
    }

    private @Nullable BsonValue child(BsonValue parent, String part) {
        if (!enterable(parent, part))
            throw new RefusedException("the path %s cannot enter %s, a value of type %s"
                    .formatted(path.dotted(), part, parent.getBsonType()));
        if (parent instanceof BsonDocument document) return document.get(part);
        BsonArray array = parent.asArray();
        int index = index(part, array);
        return index < array.size() ? array.get(index) : null;
    }

    private void put(BsonValue parent, String part, BsonValue value) {
        if (parent instanceof BsonDocument document) {
            document.put(part, value);
            return;
        }
        BsonArray array = parent.asArray();
        int index = index(part, array);
        while (array.size() <= index) array.add(BsonNull.VALUE);
        array.set(index, value);
    }

    private int index(String part, BsonArray array) {
        int limit = array.size() + MAX_PADDING;
        int index = part.length() > 9 ? Integer.MAX_VALUE : Integer.parseInt(part);
        if (index > limit)
            throw new RefusedException("the path %s is more than %d elements behind the end of its array"
                    .formatted(path.dotted(), MAX_PADDING));
        return index;
    }
}
