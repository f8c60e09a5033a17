package io.forebay.mongodb.client;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.forebay.mongodb.document.TestMongo;
import io.forebay.testservers.FerretDbServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/** The same on a FerretDB, a server of its own process. */
@Tag("slow")
class FerretDbDifferentialTest extends DifferentialTest {
    private static FerretDbServer ferret;

    @BeforeAll
    static void start() {
        assumeTrue(
                FerretDbServer.problem().isEmpty(),
                () -> FerretDbServer.problem().orElseThrow());
        ferret = FerretDbServer.create();
        server = new TestMongo(ferret.uri());
    }

    @AfterAll
    static void stop() {
        if (ferret != null) ferret.close();
    }
}
