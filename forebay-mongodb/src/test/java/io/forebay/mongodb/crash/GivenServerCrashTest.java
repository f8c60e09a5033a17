package io.forebay.mongodb.crash;

import io.forebay.mongodb.document.TestMongo;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** The server of {@link TestMongo#URI}, with its transactions if it has any; its database {@code forebay_crash} is dropped. */
@EnabledIfSystemProperty(named = TestMongo.URI, matches = ".+", disabledReason = "no server was given")
class GivenServerCrashTest extends MongoCrashContract {
    @Override
    String uri() {
        return System.getProperty(TestMongo.URI);
    }
}
