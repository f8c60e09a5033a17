package io.forebay.mongodb.client;

import com.mongodb.MongoNamespace;
import com.mongodb.client.MongoClient;
import io.forebay.Forebay;
import java.util.concurrent.CompletableFuture;

/** A {@link MongoClient} with a buffer; made by {@link BufferedMongo#wrap}. Thread-safe. */
public interface BufferedMongoClient extends MongoClient {
    /** Starts a flush of every buffered collection; completes when the server holds everything pending now. */
    CompletableFuture<Void> flush();

    /**
     * Flushes every buffered collection and waits.
     *
     * @throws com.mongodb.MongoTimeoutException if the server has not taken everything within
     *     {@link BufferedMongoOptions#flushTimeout}; it stays in the journal and is flushed later
     */
    void flushAndWait();

    /**
     * As {@link #flushAndWait()}, for one collection; others of its database may be flushed with it.
     *
     * @throws IllegalArgumentException if the collection is not buffered
     */
    void flushAndWait(MongoNamespace collection);

    /** What the buffer did since the start, or since {@link #resetStats}, and what it holds at this moment. */
    BufferedMongoStats stats();

    /** Counts from zero again. What is pending is counted as before. */
    void resetStats();

    /** The buffer: its databases have the names of the server's, in lower case. */
    Forebay forebay();

    /**
     * Flushes what is pending, for as long as {@link Forebay#close()} does, closes the buffer unless it was handed in, and
     * closes the client that was wrapped. What did not reach the server stays in the journal.
     */
    @Override
    void close();
}
