package io.forebay.mongodb;

import io.forebay.mongodb.document.TestMongo;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** The same by intent and fence. */
@EnabledIfSystemProperty(named = TestMongo.URI, matches = ".+", disabledReason = "no server was given")
class GivenServerFencedSinkTest extends GivenServerSinkTest {
    @Override
    Transactions transactions() {
        return Transactions.NEVER;
    }
}
