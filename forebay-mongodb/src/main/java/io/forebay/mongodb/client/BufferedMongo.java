package io.forebay.mongodb.client;

import com.mongodb.client.MongoClient;
import io.forebay.Forebay;
import io.forebay.mongodb.MongoSink;

/**
 * Puts a buffer before a {@link MongoClient}, so that code written for the driver, or for a mapper above it, needs no change.
 *
 * <p>In the collections that the options name, writes of one document by its {@code _id} are buffered: inserts whose
 * {@code _id} the driver makes, replacements, updates with operators, upserts, deletes, and bulk writes of those. Everything
 * else first flushes what is pending and then goes through, so that the order of writes is never changed. What callers are
 * told, and what reads see, is in {@code docs/mongodb-client.md}.
 */
public final class BufferedMongo {
    private BufferedMongo() {}

    /**
     * Wraps a client. The journal is opened, and what it holds from before is flushed.
     *
     * @return a client that takes the given one's place; closing it closes that too
     * @throws IllegalArgumentException if the options name a {@link Forebay} that lacks one of their databases
     * @throws io.forebay.ForebayException if the journal is in use or damaged, or the server is not the one it belongs to
     */
    public static BufferedMongoClient wrap(MongoClient client, BufferedMongoOptions options) {
        Forebay shared = options.forebay();
        JournalCount journaled = new JournalCount();
        Forebay forebay = shared != null ? shared : open(client, options, journaled);
        for (String database : options.databases()) forebay.database(Buffer.nameOf(database));
        Buffer buffer = new Buffer(forebay, options, journaled);
        return (BufferedMongoClient) new ClientLayer(BufferedMongoClient.class, client, buffer).proxy();
    }

    private static Forebay open(MongoClient client, BufferedMongoOptions options, JournalCount journaled) {
        Forebay.Builder builder = Forebay.builder()
                .flush(options.flush())
                .durability(options.durability())
                .listener(journaled);
        for (String database : options.databases())
            builder.database(Buffer.nameOf(database), MongoSink.of(client, database));
        if (options.journal() != null) builder.journal(options.journal());
        if (options.driver() != null) builder.driver(options.driver());
        return builder.build();
    }
}
