package io.forebay.mongodb;

import io.forebay.mongodb.document.BsonAlgebra;
import io.forebay.spi.Bytes;
import java.util.Objects;
import org.bson.BsonDocument;

/** The {@code _id} of documents. */
final class Ids {
    private Ids() {}

    /** The canonical key of a document that a server has. */
    static Bytes key(BsonDocument document) {
        return BsonAlgebra.key(Objects.requireNonNull(document.get("_id"), "a server's document has an _id"));
    }
}
