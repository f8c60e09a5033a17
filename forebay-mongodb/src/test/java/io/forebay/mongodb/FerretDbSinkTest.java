package io.forebay.mongodb;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import io.forebay.testservers.FerretDbServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The contract by intent and fence, on a server of its own process that reports little of what happens inside of a bulk. */
class FerretDbSinkTest extends MongoSinkContract {
    private static FerretDbServer server;
    private static MongoClient client;

    @BeforeAll
    static void start() {
        assumeTrue(
                FerretDbServer.problem().isEmpty(),
                () -> FerretDbServer.problem().orElseThrow());
        server = FerretDbServer.create();
        client = MongoClients.create(server.uri());
    }

    @AfterAll
    static void stop() {
        if (server == null) return;
        client.close();
        server.close();
    }

    @Override
    MongoClient client() {
        return client;
    }

    /** Eighteen megabytes take it half a minute on a busy machine. */
    @Override
    @Test
    @Tag("slow")
    void a_write_larger_than_a_document_can_be_is_a_dead_letter() {
        super.a_write_larger_than_a_document_can_be_is_a_dead_letter();
    }

    @Override
    Transactions transactions() {
        return Transactions.WHERE_POSSIBLE;
    }
}
