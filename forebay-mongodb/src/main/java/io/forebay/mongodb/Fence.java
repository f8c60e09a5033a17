package io.forebay.mongodb;

import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/**
 * What a document says of the batch that last changed it, where there are no transactions: a text per journal and partition
 * in the field {@value #FIELD}, the batch's last sequence and the number of the row's last write that was done, each with as
 * many digits as it may need, so that texts compare as the numbers do. A write is filtered by it, so that it happens once
 * however often it is sent.
 *
 * @param name {@code journal/partition}: a row that moves to another partition meets other sequences there
 * @param to last sequence of the batch
 */
record Fence(String name, long to) {
    /** The field of a document that belongs to Forebay. */
    static final String FIELD = "_forebay";

    private static final int HEX = 16;
    private static final int SEQUENCE_DIGITS = 16;

    /** In place of the number of a row's last write, so that a reader sees whether all were done. */
    private static final int LAST = Integer.MAX_VALUE;

    /** How far a document's row is. */
    record Mark(long to, boolean complete) {
        private static final Mark NONE = new Mark(0, true);
    }

    private String path() {
        return FIELD + "." + name;
    }

    private BsonString value(Write write) {
        return new BsonString("%016x.%08x".formatted(to, write.isLast() ? LAST : write.number()));
    }

    /** The filter of a write that was not done yet. {@code $not} also lets documents without a fence pass. */
    BsonDocument filter(Write write) {
        BsonDocument done = new BsonDocument("$gte", value(write));
        return write.filter().append(path(), new BsonDocument("$not", done));
    }

    /** The update, which also moves the fence. */
    BsonDocument update(Write write) {
        BsonDocument update = write.update().clone();
        BsonDocument set =
                update.containsKey("$set") ? update.getDocument("$set").clone() : new BsonDocument();
        return update.append("$set", set.append(path(), value(write)));
    }

    /** The document with the fence. */
    BsonDocument document(Write write, BsonDocument document) {
        BsonDocument fenced = document.clone();
        fenced.remove(FIELD);
        return fenced.append(FIELD, new BsonDocument(name, value(write)));
    }

    /** What is to be read of a document to know its fence. */
    BsonDocument projection() {
        return new BsonDocument(path(), new BsonInt32(1));
    }

    /** Whether a document shows that the write was done. */
    boolean isDone(Write write, BsonDocument document) {
        String found = text(document, name);
        return found != null && found.compareTo(value(write).getValue()) >= 0;
    }

    /** What the document says of that journal and partition. */
    static Mark mark(BsonDocument document, String name) {
        String found = text(document, name);
        if (found == null) return Mark.NONE;
        long to = Long.parseLong(found.substring(0, SEQUENCE_DIGITS), HEX);
        return new Mark(to, Integer.parseInt(found.substring(SEQUENCE_DIGITS + 1), HEX) == LAST);
    }

    private static @Nullable String text(BsonDocument document, String name) {
        BsonValue fences = document.get(FIELD);
        BsonValue text =
                fences != null && fences.isDocument() ? fences.asDocument().get(name) : null;
        return text != null && text.isString() ? text.asString().getValue() : null;
    }
}
