package io.forebay.mongodb;

import com.mongodb.client.MongoClient;
import io.forebay.mongodb.document.TestMongo;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;

/** A server that fails at the command it is told to fail at. Thread-safe. */
interface FailingServer extends AutoCloseable {
    /** A database whose commands never fail. */
    String SAFE = "forebay_safe";

    /** How a command fails. */
    enum Failure {
        /** It never arrives. */
        REQUEST_LOST,
        /** It is done, and nobody hears of it. */
        REPLY_LOST
    }

    /** The one in this process, with transactions and without, and the one of {@link TestMongo#URI}, if there is one. */
    static Stream<Named<Supplier<FailingServer>>> all() {
        Stream<Named<Supplier<FailingServer>>> inProcess = Stream.of(
                Named.of("with transactions", () -> new MemoryMongo(true)),
                Named.of("without", () -> new MemoryMongo(false)));
        String uri = System.getProperty(TestMongo.URI, "");
        return uri.isEmpty()
                ? inProcess
                : Stream.concat(inProcess, Stream.of(Named.of("given", () -> new GivenServer(uri))));
    }

    /** A client that asks once: what fails is seen by the sink. The caller closes it. */
    MongoClient client();

    /** Lets the n-th command from now on fail, the first being 1; those of connecting and of {@link #SAFE} do not count. */
    void failAt(int n, Failure failure);

    /** Nothing fails any more; returns whether something would still have. */
    boolean failNoMore();

    @Override
    void close();
}
