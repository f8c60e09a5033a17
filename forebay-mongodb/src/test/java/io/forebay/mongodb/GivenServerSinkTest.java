package io.forebay.mongodb;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import io.forebay.mongodb.document.TestMongo;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** The contract on the server of {@code -Dforebay.test.mongodb.uri}, as that server can; its database {@code forebay_contract} is dropped. */
@EnabledIfSystemProperty(named = TestMongo.URI, matches = ".+", disabledReason = "no server was given")
class GivenServerSinkTest extends MongoSinkContract {
    private static MongoClient client;

    @BeforeAll
    static void connect() {
        client = MongoClients.create(System.getProperty(TestMongo.URI));
    }

    @AfterAll
    static void disconnect() {
        client.close();
    }

    @Override
    MongoClient client() {
        return client;
    }

    @Override
    Transactions transactions() {
        return Transactions.WHERE_POSSIBLE;
    }
}
