package io.forebay.mongodb.document;

import com.mongodb.MongoClientSettings;
import io.forebay.spi.Bytes;
import io.forebay.spi.DocumentAlgebra;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonObjectId;
import org.bson.BsonType;
import org.bson.BsonValue;
import org.bson.Document;
import org.bson.UuidRepresentation;
import org.bson.codecs.BsonTypeClassMap;
import org.bson.codecs.DecoderContext;
import org.bson.codecs.DocumentCodec;
import org.bson.codecs.configuration.CodecConfigurationException;
import org.bson.codecs.configuration.CodecRegistries;
import org.bson.codecs.configuration.CodecRegistry;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * The documents of MongoDB. A document is BSON without its {@code _id}, unless that is spelled differently from its canonical
 * form (64 bits for a number that needs 32, say): then it stays, so that the spelling is not lost. Operations are a list of
 * changes of single fields, see {@link #steps}. What the server would do with them is reproduced exactly, field order,
 * number types and refusals included; updates for which that is not so are not taken, see {@link #operations}.
 *
 * <p>Liberties that are taken when updates are merged: 32-bit increments are added up before the server adds them, so a field
 * stays at 32 bits where only a sum on the way would not have fitted; sums of doubles and decimals may differ in their last
 * digit; what is overwritten before it is flushed can no longer be refused.
 *
 * <p>Stateless, thread-safe.
 */
public final class BsonAlgebra implements DocumentAlgebra {
    /** Its name beside the journal. */
    public static final String NAME = "bson";

    private static final String ID = "_id";
    private static final CodecRegistry VALUES = CodecRegistries.withUuidRepresentation(
            MongoClientSettings.getDefaultCodecRegistry(), UuidRepresentation.STANDARD);

    /** Moments are shown as callers give them. */
    private static final BsonTypeClassMap SHOWN = new BsonTypeClassMap(Map.of(BsonType.DATE_TIME, Instant.class));

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Bytes key(Object value) {
        return key(required(bson(Map.of(ID, value)), ID));
    }

    /** Whether a document can have this {@code _id}: no array, no regular expression, not undefined, no fields with a dollar. */
    public static boolean isKey(BsonValue id) {
        return Keys.problem(id).isEmpty();
    }

    /**
     * The canonical form of an {@code _id}: numbers of equal value have one key whatever their type, documents are compared
     * with the order of their fields.
     *
     * @throws IllegalArgumentException if no document can have it: an array, a regular expression, fields with a dollar
     */
    public static Bytes key(BsonValue id) {
        Keys.problem(id).ifPresent(problem -> {
            throw new IllegalArgumentException(problem);
        });
        return BsonBytes.of(new BsonDocument(ID, Keys.canonical(id)));
    }

    @Override
    public Bytes newKey() {
        return key(new BsonObjectId(new ObjectId()));
    }

    /** The {@code _id} of a key, in its canonical form. */
    public static BsonValue id(Bytes key) {
        return required(BsonBytes.document(key), ID);
    }

    private static BsonValue required(BsonDocument document, String field) {
        return Objects.requireNonNull(document.get(field), field);
    }

    /**
     * The {@code _id} of a key as the caller spelled it when writing a document or operations: what an upsert or insert has
     * to send. Documents may be found by either form.
     *
     * @param content a document, or operations
     */
    public static BsonValue id(Bytes key, Bytes content) {
        BsonDocument bson = BsonBytes.document(content);
        BsonValue spelled = bson.containsKey(ID) ? bson.get(ID) : bson.get(Operations.ID);
        return spelled != null ? spelled : id(key);
    }

    /** A document without its {@code _id}, or with it if its spelling is not the canonical one. */
    public static Bytes document(BsonDocument document) {
        BsonDocument kept = document.clone();
        BsonValue id = kept.get(ID);
        if (id != null && Keys.isCanonical(id)) kept.remove(ID);
        return BsonBytes.of(kept);
    }

    /** A document as the server holds it, its {@code _id} first. */
    public static BsonDocument withId(Bytes key, Bytes document) {
        BsonDocument content = BsonBytes.document(document);
        BsonDocument whole = new BsonDocument(ID, content.containsKey(ID) ? content.get(ID) : id(key));
        content.forEach(whole::putIfAbsent);
        return whole;
    }

    /** A document without its {@code _id}, in whatever spelling. */
    public static BsonDocument withoutId(Bytes document) {
        BsonDocument content = BsonBytes.document(document);
        content.remove(ID);
        return content;
    }

    /**
     * Whether the server is certain to store this document as it is, so that it may wait in a buffer: it is within the limits,
     * has no names with a leading dollar, and no empty timestamps, which the server fills in.
     */
    public static boolean isStorable(BsonDocument document) {
        return Storable.isStorable(document);
    }

    /**
     * An update as operations. {@code $currentDate} becomes a {@code $set} of {@code now}: the time is taken when the update is
     * buffered.
     *
     * @param id the {@code _id} as the caller spelled it
     * @param update a document of update operators
     * @param upsert whether a document that is missing is made; otherwise {@code $setOnInsert} does nothing and is left out
     * @return empty if what the server makes of the update is not known exactly, or the server may refuse it for its form:
     *     placeholders in paths, {@code $pull} by other than plain values and comparisons, {@code $push} sorted by fields,
     *     operators that are not known
     */
    public static Optional<Bytes> operations(BsonValue id, BsonDocument update, boolean upsert, Instant now) {
        return UpdateParser.changes(update, now).map(changes -> {
            List<Change> kept = changes.stream()
                    .filter(change -> upsert || change.operator() != Operator.SET_ON_INSERT)
                    .toList();
            return new Operations(Keys.isCanonical(id) ? null : id, kept).toBytes();
        });
    }

    /**
     * The updates to send, one after the other, each refused by the server as a whole or not at all. For a document that may
     * be missing the first is sent as an upsert. None if the operations do nothing. They depend on the operations alone, not
     * on how those were put together.
     */
    public static List<BsonDocument> steps(Bytes operations) {
        return Step.of(Operations.of(operations).changes()).stream()
                .map(Step::toUpdate)
                .toList();
    }

    @Override
    public Bytes document(Map<String, ? extends @Nullable Object> fields) {
        BsonDocument document = bson(fields);
        if (!Storable.isStorable(document))
            throw new IllegalArgumentException(
                    "a document of %d fields cannot be stored: it is larger than 15 MiB or nested deeper than 90 levels, or has a name with a leading dollar, an undefined value or an empty timestamp"
                            .formatted(document.size()));
        return document(document);
    }

    @Override
    public Bytes set(Map<String, ? extends @Nullable Object> fields) {
        Map<String, @Nullable Object> set = new LinkedHashMap<>(fields);
        set.remove(ID);
        return set.isEmpty() ? new Operations(null, List.of()).toBytes() : operations("$set", bson(set));
    }

    @Override
    public Bytes increment(String field, Number delta) {
        return operations("$inc", bson(Map.of(field, delta)));
    }

    @Override
    public Bytes max(String field, Object value) {
        return operations("$max", bson(Map.of(field, value)));
    }

    @Override
    public Bytes min(String field, Object value) {
        return operations("$min", bson(Map.of(field, value)));
    }

    private static Bytes operations(String operator, BsonDocument lines) {
        BsonDocument update = new BsonDocument(operator, lines);
        return operations(new BsonInt32(0), update, true, Instant.EPOCH)
                .orElseThrow(() -> new IllegalArgumentException(
                        "%s of %s: a field's name must not be empty, begin with a dollar or be _id; numbers are added to numbers; a value must not be undefined or an empty timestamp"
                                .formatted(operator, lines.keySet())));
    }

    /** Values of Java as the driver's default codecs write them; UUIDs in their standard form. */
    private static BsonDocument bson(Map<String, ? extends @Nullable Object> fields) {
        try {
            return new Document(new LinkedHashMap<>(fields)).toBsonDocument(Document.class, VALUES);
        } catch (CodecConfigurationException e) {
            throw new IllegalArgumentException(
                    "a value of %s cannot be stored in a document: %s".formatted(fields.keySet(), e.getMessage()), e);
        }
    }

    @Override
    public Bytes merge(Bytes older, Bytes newer) {
        return Operations.of(older).then(Operations.of(newer)).toBytes();
    }

    @Override
    public Outcome apply(Bytes document, Bytes operations) {
        return outcome(BsonBytes.document(document), Operations.of(operations), false);
    }

    @Override
    public Outcome create(Bytes operations) {
        Operations parsed = Operations.of(operations);
        BsonDocument made = new BsonDocument();
        if (parsed.id() != null) made.append(ID, parsed.id());
        return outcome(made, parsed, true);
    }

    private static Outcome outcome(BsonDocument document, Operations operations, boolean isNew) {
        BsonDocument result = document;
        boolean exact = true;
        for (Step step : Step.of(operations.changes())) {
            try {
                Step.Result done = step.applyTo(result, isNew);
                result = done.document();
                exact &= done.exact();
            } catch (RefusedException e) {
                exact = false;
            }
        }
        return new Outcome(BsonBytes.of(result), exact);
    }

    @Override
    public Map<String, @Nullable Object> fields(Bytes key, Bytes document) {
        Document fields = new DocumentCodec(VALUES, SHOWN)
                .decode(
                        withId(key, document).asBsonReader(),
                        DecoderContext.builder().build());
        return new LinkedHashMap<>(fields);
    }
}
