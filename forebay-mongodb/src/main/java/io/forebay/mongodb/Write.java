package io.forebay.mongodb;

import com.mongodb.bulk.BulkWriteResult;
import com.mongodb.client.model.DeleteOneModel;
import com.mongodb.client.model.InsertOneModel;
import com.mongodb.client.model.ReplaceOneModel;
import com.mongodb.client.model.ReplaceOptions;
import com.mongodb.client.model.UpdateOneModel;
import com.mongodb.client.model.UpdateOptions;
import com.mongodb.client.model.WriteModel;
import io.forebay.spi.Stage;
import java.util.List;
import org.bson.BsonArray;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/**
 * One thing the server does with one document, and refuses as a whole or not at all: a stage, or a step of one.
 *
 * @param kind what it does
 * @param id the document's {@code _id}, as it would be spelled in a new one
 * @param content the document, or the update; empty for a delete
 * @param bytes its size
 * @param ordinal its number within the batch, from 0
 * @param number its number within the row, from 1
 * @param isLast whether it is the row's last
 * @param stage the stage it is of
 * @param stageIndex which stage of its row that is, from 0
 */
record Write(
        Kind kind,
        BsonValue id,
        BsonDocument content,
        int bytes,
        int ordinal,
        int number,
        boolean isLast,
        Stage stage,
        int stageIndex) {

    /** What a write does where there is such a document, and where there is none. */
    enum Kind {
        /** Makes a new document; one that exists is a refusal. */
        INSERT,
        /** Replaces a document, or makes it. */
        PUT,
        /** Replaces a document that has to exist. */
        REPLACE,
        /** Updates a document, or makes it. */
        UPSERT,
        /** Updates a document that has to exist. */
        UPDATE,
        /** Deletes a document. */
        DELETE;

        /** The server's command that does it. */
        String command() {
            return switch (this) {
                case INSERT -> "insert";
                case PUT, REPLACE, UPSERT, UPDATE -> "update";
                case DELETE -> "delete";
            };
        }
    }

    /** Whether a document that is missing falls under the missing-row policy. */
    boolean needsDocument() {
        return kind == Kind.REPLACE || kind == Kind.UPDATE;
    }

    /** Whether the server has found, or made, the document of every write. Deletes find what they find. */
    static boolean allFound(List<RowWork> rows, BulkWriteResult result) {
        int inserts = 0;
        int changes = 0;
        for (RowWork row : rows) {
            Kind kind = row.write().kind;
            if (kind == Kind.INSERT) inserts++;
            else if (kind != Kind.DELETE) changes++;
        }
        return result.getInsertedCount() == inserts
                && result.getMatchedCount() + result.getUpserts().size() == changes;
    }

    private boolean isUpsert() {
        return kind == Kind.PUT || kind == Kind.UPSERT;
    }

    /** A new filter by {@code _id}. */
    BsonDocument filter() {
        return new BsonDocument("_id", id);
    }

    /** The update operators; an update that does nothing still makes sure that the document is there. */
    BsonDocument update() {
        return content.isEmpty() ? new BsonDocument("$setOnInsert", filter()) : content;
    }

    /** A new document with its {@code _id}. */
    private BsonDocument whole() {
        BsonDocument whole = filter();
        whole.putAll(content);
        return whole;
    }

    private BsonDocument filter(@Nullable Fence fence) {
        return fence == null ? filter() : fence.filter(this);
    }

    private BsonDocument update(@Nullable Fence fence) {
        return fence == null ? update() : fence.update(this);
    }

    private BsonDocument document(BsonDocument document, @Nullable Fence fence) {
        return fence == null ? document : fence.document(this, document);
    }

    /** As a part of a bulk; with a fence where there are no transactions. */
    WriteModel<BsonDocument> model(@Nullable Fence fence) {
        return switch (kind) {
            case INSERT -> new InsertOneModel<>(document(whole(), fence));
            case PUT, REPLACE ->
                new ReplaceOneModel<>(filter(fence), document(content, fence), new ReplaceOptions().upsert(isUpsert()));
            case UPSERT, UPDATE ->
                new UpdateOneModel<>(filter(fence), update(fence), new UpdateOptions().upsert(isUpsert()));
            case DELETE -> new DeleteOneModel<>(filter(fence));
        };
    }

    /** As a command of its own, whose reply says for certain what became of it. */
    BsonDocument command(String collection, Fence fence) {
        String name = kind.command();
        BsonDocument what = switch (kind) {
            case INSERT -> document(whole(), fence);
            case DELETE -> new BsonDocument("q", filter(fence)).append("limit", new BsonInt32(1));
            case PUT, REPLACE -> change(document(content, fence), fence);
            case UPSERT, UPDATE -> change(update(fence), fence);
        };
        String list = kind == Kind.INSERT ? "documents" : name + "s"; // updates, deletes
        return new BsonDocument(name, new BsonString(collection)).append(list, new BsonArray(List.of(what)));
    }

    private BsonDocument change(BsonDocument change, Fence fence) {
        return new BsonDocument("q", filter(fence))
                .append("u", change)
                .append("upsert", BsonBoolean.valueOf(isUpsert()));
    }
}
