package io.forebay.mongodb;

import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** The same by intent and fence. */
@EnabledIfSystemProperty(named = "forebay.test.mongodb.uri", matches = ".+", disabledReason = "no server was given")
class GivenServerFencedSinkTest extends GivenServerSinkTest {
    @Override
    Transactions transactions() {
        return Transactions.NEVER;
    }
}
