package io.forebay.mongodb.document;

import static org.assertj.core.api.Assertions.assertThat;

import io.forebay.spi.Bytes;
import io.forebay.spi.DocumentAlgebra.Outcome;
import java.time.Instant;
import java.util.Random;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.junit.jupiter.api.Test;

/** The laws of {@link io.forebay.spi.DocumentAlgebra}, on random documents and updates; bytes are compared, so field order is too. */
class AlgebraLawsTest {
    private static final int RUNS = Integer.getInteger("forebay.algebra.runs", 6_000);

    private final BsonAlgebra algebra = new BsonAlgebra();

    @Test
    void merged_operations_do_what_the_two_did_one_after_the_other() {
        int compared = 0;
        for (int seed = 0; seed < RUNS; seed++) {
            RandomUpdates updates = new RandomUpdates(new Random(seed));
            Bytes document = BsonAlgebra.document(updates.document());
            Bytes a = operations(updates, seed);
            Bytes b = operations(updates, seed / 3);

            Outcome first = algebra.apply(document, a);
            Outcome both = algebra.apply(first.document(), b);
            if (!first.exact() || !both.exact()) continue;
            compared++;

            assertSame(seed, algebra.apply(document, algebra.merge(a, b)), both);
        }
        assertThat(compared).isGreaterThan(RUNS / 4);
    }

    @Test
    void a_new_document_is_made_by_merged_operations_as_by_the_two() {
        int compared = 0;
        for (int seed = 0; seed < RUNS; seed++) {
            RandomUpdates updates = new RandomUpdates(new Random(seed));
            Bytes a = operations(updates, seed);
            Bytes b = operations(updates, seed / 3);

            Outcome made = algebra.create(a);
            Outcome both = algebra.apply(made.document(), b);
            if (!made.exact() || !both.exact()) continue;
            compared++;

            assertSame(seed, algebra.create(algebra.merge(a, b)), both);
        }
        assertThat(compared).isGreaterThan(RUNS / 4);
    }

    @Test
    void operations_may_be_merged_in_any_grouping_and_give_the_same_bytes() {
        for (int seed = 0; seed < RUNS; seed++) {
            RandomUpdates updates = new RandomUpdates(new Random(seed));
            Bytes a = operations(updates, seed);
            Bytes b = operations(updates, seed / 3);
            Bytes c = operations(updates, seed / 9);

            Bytes left = algebra.merge(algebra.merge(a, b), c);
            Bytes right = algebra.merge(a, algebra.merge(b, c));

            assertThat(TestMongo.typed(BsonBytes.document(left)))
                    .as("seed %d", seed)
                    .isEqualTo(TestMongo.typed(BsonBytes.document(right)));
            assertThat(left).isEqualTo(right);
        }
    }

    private static void assertSame(int seed, Outcome merged, Outcome sequential) {
        assertThat(TestMongo.typed(BsonBytes.document(merged.document())))
                .as("seed %d", seed)
                .isEqualTo(TestMongo.typed(BsonBytes.document(sequential.document())));
        assertThat(merged.exact()).as("seed %d", seed).isTrue();
    }

    /** One to three updates, merged. */
    private Bytes operations(RandomUpdates updates, int seed) {
        Bytes merged = operations(updates.update());
        for (int i = seed % 3; i > 0; i--) merged = algebra.merge(merged, operations(updates.update()));
        return merged;
    }

    private static Bytes operations(BsonDocument update) {
        return BsonAlgebra.operations(new BsonInt32(1), update, true, Instant.EPOCH)
                .orElseThrow();
    }
}
