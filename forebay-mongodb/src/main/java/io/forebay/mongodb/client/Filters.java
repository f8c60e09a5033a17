package io.forebay.mongodb.client;

import io.forebay.mongodb.document.BsonAlgebra;
import java.util.Optional;
import org.bson.BsonDocument;
import org.bson.BsonValue;

/** Finds the one document a filter can mean. */
final class Filters {
    private static final String ID = "_id";
    private static final String EQUAL = "$eq";

    private Filters() {}

    /** The {@code _id} of a filter that asks for nothing else; empty for every other filter. */
    static Optional<BsonValue> id(BsonDocument filter) {
        BsonValue asked = filter.get(ID);
        if (filter.size() != 1 || asked == null) return Optional.empty();
        if (!isOperator(asked)) return Optional.of(asked).filter(Filters::isKey);
        BsonDocument operator = asked.asDocument();
        BsonValue equal = operator.get(EQUAL);
        return operator.size() == 1 && equal != null ? Optional.of(equal).filter(Filters::isKey) : Optional.empty();
    }

    private static boolean isOperator(BsonValue value) {
        return value.isDocument() && value.asDocument().keySet().stream().anyMatch(name -> name.startsWith("$"));
    }

    /** Null also finds documents without the field, and what cannot be a key finds none or many. */
    private static boolean isKey(BsonValue id) {
        return !id.isNull() && BsonAlgebra.isKey(id);
    }
}
