package io.forebay.mongodb.document;

import java.util.Set;
import org.bson.BsonDocument;
import org.bson.BsonValue;

/** Which values the server is certain to take as they are. The others it is asked about: some it replaces, some it refuses. */
final class Storable {
    /** Room for the key and the fence below the server's limit of 16 MiB for one document. */
    private static final int MAX_BYTES = 15 << 20;
    /** The server's limit is 100 levels; drivers and operators add a few. */
    private static final int MAX_DEPTH = 90;

    /** What references to other documents are made of. */
    private static final Set<String> REFERENCE = Set.of("$ref", "$id", "$db");

    private Storable() {}

    static boolean isStorable(BsonValue value) {
        return isStorable(value, 1);
    }

    /** Whether a whole document fits into the limits as well. */
    static boolean isStorable(BsonDocument document) {
        return isStorable((BsonValue) document)
                && document.keySet().stream().noneMatch(name -> name.startsWith("$"))
                && BsonBytes.of(document).size() <= MAX_BYTES;
    }

    private static boolean isStorable(BsonValue value, int depth) {
        if (depth > MAX_DEPTH) return false;
        return switch (value.getBsonType()) {
            case DOCUMENT ->
                value.asDocument().entrySet().stream()
                        .allMatch(field -> isName(field.getKey()) && isStorable(field.getValue(), depth + 1));
            case ARRAY -> value.asArray().stream().allMatch(element -> isStorable(element, depth + 1));
            // an empty one stands for the server's own time
            case TIMESTAMP -> value.asTimestamp().getValue() != 0;
            case UNDEFINED -> false;
            default -> true;
        };
    }

    private static boolean isName(String name) {
        return !name.startsWith("$") || REFERENCE.contains(name);
    }
}
