package io.forebay.mongodb;

import com.mongodb.MongoCommandException;
import com.mongodb.client.MongoDatabase;
import io.forebay.spi.SchemaFaultException;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.jspecify.annotations.Nullable;

/**
 * What a server can do, as it says itself.
 *
 * @param kind what it is, for messages
 * @param hasTransactions whether batches may be flushed in transactions
 * @param maxDocumentBytes size of the largest document
 */
record Server(String kind, boolean hasTransactions, int maxDocumentBytes) {
    /** MongoDB 4.4: collections may be made within a transaction. */
    private static final int WIRE_VERSION = 9;

    private static final int COMMAND_NOT_FOUND = 59;
    private static final int DEFAULT_MAX_BYTES = 16 << 20;

    static Server ask(MongoDatabase database) {
        return of(hello(database));
    }

    /** {@code hello} is not known to servers before 4.4.2. */
    private static BsonDocument hello(MongoDatabase database) {
        try {
            return database.runCommand(command("hello"), BsonDocument.class);
        } catch (MongoCommandException e) {
            if (e.getErrorCode() != COMMAND_NOT_FOUND) throw e;
            return database.runCommand(command("isMaster"), BsonDocument.class);
        }
    }

    private static BsonDocument command(String name) {
        return new BsonDocument(name, new BsonInt32(1));
    }

    static Server of(BsonDocument hello) {
        boolean router = hello.containsKey("msg") && hello.get("msg").isString();
        boolean replicaSet = hello.containsKey("setName");
        int wireVersion = number(hello, "maxWireVersion", 0);
        boolean sessions = hello.containsKey("logicalSessionTimeoutMinutes")
                && hello.get("logicalSessionTimeoutMinutes").isNumber();
        String kind = "a %s of wire version %d%s"
                .formatted(
                        router ? "router of shards" : replicaSet ? "replica set" : "standalone server",
                        wireVersion,
                        sessions ? "" : " without sessions");
        return new Server(
                kind,
                (router || replicaSet) && sessions && wireVersion >= WIRE_VERSION,
                number(hello, "maxBsonObjectSize", DEFAULT_MAX_BYTES));
    }

    private static int number(BsonDocument hello, String name, int otherwise) {
        return hello.containsKey(name) && hello.get(name).isNumber()
                ? hello.getNumber(name).intValue()
                : otherwise;
    }

    /** Why the server would not take a write for its size, or null. */
    @Nullable
    Refusal tooLarge(Write write) {
        int bytes = write.bytes();
        return bytes > maxDocumentBytes ? Refusal.tooLarge(bytes, maxDocumentBytes) : null;
    }

    /** Whether to flush in transactions. */
    boolean uses(Transactions asked) {
        if (asked == Transactions.REQUIRED && !hasTransactions)
            throw new SchemaFaultException(
                    "transactions are required, but this is %s: they take a replica set or a sharded cluster of MongoDB 4.4 or newer; Transactions.WHERE_POSSIBLE does without"
                            .formatted(kind),
                    null);
        return asked != Transactions.NEVER && hasTransactions;
    }
}
