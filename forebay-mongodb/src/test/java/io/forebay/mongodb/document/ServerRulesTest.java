package io.forebay.mongodb.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.forebay.spi.Bytes;
import io.forebay.spi.DocumentAlgebra.Outcome;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.bson.BsonArray;
import org.bson.BsonDbPointer;
import org.bson.BsonDecimal128;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.bson.BsonSymbol;
import org.bson.BsonValue;
import org.bson.types.Decimal128;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The server's rules, one by one. Numbers without a decoration are of 32 bits, {@code NumberLong(…)} are of 64. */
class ServerRulesTest {
    private final BsonAlgebra algebra = new BsonAlgebra();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{a: 1}                      | {$inc: {a: 2}}                        | {a: 3}",
                "{a: 2147483647}             | {$inc: {a: 1}}                        | {a: NumberLong(2147483648)}",
                "{a: 1}                      | {$inc: {a: NumberLong(2)}}            | {a: NumberLong(3)}",
                "{a: 1}                      | {$inc: {a: 0.5}}                      | {a: 1.5}",
                "{a: NumberDecimal('1.10')}  | {$inc: {a: 1}}                        | {a: NumberDecimal('2.10')}",
                "{a: 1.5}                    | {$inc: {a: NumberDecimal('1')}}       | {a: NumberDecimal('2.50000000000000')}",
                "{}                          | {$inc: {'a.b': 2}}                    | {a: {b: 2}}",
                "{a: 65536}                  | {$mul: {a: 65536}}                    | {a: NumberLong(4294967296)}",
                "{}                          | {$mul: {a: NumberLong(7)}}            | {a: NumberLong(0)}",
                "{}                          | {$mul: {a: 2.5}}                      | {a: 0.0}",
                "{a: 5}                      | {$max: {a: 5.0}}                      | {a: 5}",
                "{a: 5}                      | {$max: {a: 'x'}}                      | {a: 'x'}",
                "{a: null}                   | {$min: {a: 5}}                        | {a: null}",
                "{a: 'x'}                    | {$min: {a: 5}}                        | {a: 5}",
                "{a: 13}                     | {$bit: {a: {and: 10}}}                | {a: 8}",
                "{}                          | {$bit: {a: {or: NumberLong(5)}}}      | {a: NumberLong(5)}",
                "{a: [1]}                    | {$set: {'a.3': 9}}                    | {a: [1, null, null, 9]}",
                "{a: [1, 2]}                 | {$unset: {'a.0': ''}}                 | {a: [null, 2]}",
                "{a: 5}                      | {$unset: {'a.b': ''}}                 | {a: 5}",
                "{}                          | {$set: {'a.0.b': 1}}                  | {a: {'0': {b: 1}}}",
                "{z: 1}                      | {$set: {b: 1, a: 1}}                  | {z: 1, a: 1, b: 1}",
                "{}                          | {$set: {'d.10': 1, 'd.9': 1}}         | {d: {'9': 1, '10': 1}}",
                "{a: 1, b: 2}                | {$rename: {a: 'c'}}                   | {b: 2, c: 1}",
                "{a: 1, b: 2}                | {$rename: {a: 'b'}}                   | {b: 1}",
                "{b: 2}                      | {$rename: {a: 'c'}}                   | {b: 2}",
                "{a: [1, 2]}                 | {$push: {a: [3]}}                     | {a: [1, 2, [3]]}",
                "{a: [1, 2]}                 | {$push: {a: {$each: [8, 9], $position: 1}}}          | {a: [1, 8, 9, 2]}",
                "{a: [1, 2]}                 | {$push: {a: {$each: [9], $position: -1}}}            | {a: [1, 9, 2]}",
                "{a: [1, 2]}                 | {$push: {a: {$each: [9], $position: -7}}}            | {a: [9, 1, 2]}",
                "{a: [1, 2]}                 | {$push: {a: {$each: [9], $slice: -2}}}               | {a: [2, 9]}",
                "{a: [1, 2]}                 | {$push: {a: {$each: [9], $slice: 2}}}                | {a: [1, 2]}",
                "{a: [1, 2]}                 | {$push: {a: {$each: [], $slice: 0}}}                 | {a: []}",
                "{a: [3, 'x']}               | {$push: {a: {$each: [1], $sort: -1, $slice: 2}}}     | {a: ['x', 3]}",
                "{a: [1, 1]}                 | {$addToSet: {a: {$each: [2, 1.0, 2, 3]}}}            | {a: [1, 1, 2, 3]}",
                "{}                          | {$addToSet: {a: {$each: [2, 2]}}}                    | {a: [2]}",
                "{a: [{x: 1, y: 2}]}         | {$addToSet: {a: {y: 2, x: 1}}}                       | {a: [{x: 1, y: 2}, {y: 2, x: 1}]}",
                "{a: [1, 2.0, 3, 2]}         | {$pull: {a: 2}}                                      | {a: [1, 3]}",
                "{a: [1, 5, 9, 'x', null]}   | {$pull: {a: {$gte: 5}}}                              | {a: [1, 'x', null]}",
                "{a: [1, 5, [7], 'x']}       | {$pull: {a: {$in: ['x', 7]}}}                        | {a: [1, 5]}",
                "{a: [{k: 1, n: 1}, {k: [1, 2]}, {n: 1}, 1]} | {$pull: {a: {k: 1}}}                 | {a: [{n: 1}, 1]}",
                "{a: [{k: 1}, {k: 4}]}       | {$pull: {a: {k: {$gt: 1, $lt: 9}}}}                  | {a: [{k: 1}]}",
                "{a: [[1], 1]}               | {$pull: {a: [1]}}                                    | {a: [1]}",
                "{a: [1, 2, 1]}              | {$pullAll: {a: [1, 3]}}                              | {a: [2]}",
                "{a: [1, 2]}                 | {$pop: {a: -1}}                                      | {a: [2]}",
                "{a: []}                     | {$pop: {a: 1}}                                       | {a: []}",
                "{}                          | {$pop: {a: 1}, $pull: {b: 1}}                        | {}",
                "{a: 1}                      | {$setOnInsert: {b: 1}, $set: {c: 1}}                 | {a: 1, c: 1}",
                "{a: 1}                      | {$currentDate: {b: true}}                            | {a: 1, b: {$date: {$numberLong: '0'}}}"
            })
    void an_update_of_a_document(String document, String update, String expected) {
        Outcome outcome = algebra.apply(BsonAlgebra.document(BsonDocument.parse(document)), operations(update));

        assertThat(TestMongo.typed(BsonBytes.document(outcome.document())))
                .isEqualTo(TestMongo.typed(BsonDocument.parse(expected)));
        assertThat(outcome.exact()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{a: 'x'}                         | {$inc: {a: 1}}",
                "{a: null}                        | {$inc: {a: 1}}",
                "{a: NumberLong('9223372036854775807')} | {$inc: {a: 1}}",
                "{a: NumberLong('9223372036854775807')} | {$mul: {a: 2}}",
                "{a: 1}                           | {$set: {'a.b': 1}}",
                "{a: null}                        | {$set: {'a.b': 1}}",
                "{a: [1]}                         | {$set: {'a.b': 1}}",
                "{a: [1]}                         | {$set: {'a.01': 1}}",
                "{a: []}                          | {$set: {'a.1600000': 1}}",
                "{a: 1}                           | {$push: {a: 1}}",
                "{a: 1}                           | {$addToSet: {a: 1}}",
                "{a: 1}                           | {$pull: {a: 1}}",
                "{a: 1}                           | {$pop: {a: 1}}",
                "{a: 1}                           | {$pop: {'a.b': 1}}",
                "{a: 1.5}                         | {$bit: {a: {or: 1}}}",
                "{a: [{b: 1}]}                    | {$rename: {'a.0': 'c'}}",
                "{a: 1}                           | {$rename: {'a.b': 'c'}}",
            })
    void a_refused_update_changes_nothing_at_all(String document, String update) {
        BsonDocument with = BsonDocument.parse(update).append("$set", new BsonDocument("other", new BsonInt32(1)));
        Bytes before = BsonAlgebra.document(BsonDocument.parse(document));
        if (update.contains("$set")) with = BsonDocument.parse(update);

        Outcome outcome = algebra.apply(before, operations(with.toJson()));

        assertThat(outcome.document()).isEqualTo(before);
        assertThat(outcome.exact()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{a: 1}",
                "{$set: {}}",
                "{$set: {_id: 1}}",
                "{$set: {'_id.x': 1}}",
                "{$set: {'a.$': 1}}",
                "{$set: {'a.$[]': 1}}",
                "{$set: {'a..b': 1}}",
                "{$set: {'': 1}}",
                "{$set: {a: 1, 'a.b': 1}}",
                "{$set: {a: 1}, $inc: {a: 1}}",
                "{$set: {a: {$x: 1}}}",
                "{$set: {a: Timestamp(0, 0)}}",
                "{$inc: {a: 'x'}}",
                "{$mul: {a: null}}",
                "{$pop: {a: 2}}",
                "{$push: {a: {$each: [1], $sort: {b: 1}}}}",
                "{$push: {a: {$each: [1], $slice: 1.5}}}",
                "{$push: {a: {$each: 1}}}",
                "{$addToSet: {a: {$each: [1], x: 1}}}",
                "{$pull: {a: {$regex: 'x'}}}",
                "{$pull: {a: {$in: [null]}}}",
                "{$pull: {a: {$ne: 1}}}",
                "{$pull: {a: {b: null}}}",
                "{$pull: {a: {'b.c': 1}}}",
                "{$pull: {a: {b: {c: 1}}}}",
                "{$rename: {a: 'a.b'}}",
                "{$rename: {a: 'a'}}",
                "{$rename: {a: 'b'}, $set: {b: 1}}",
                "{$bit: {a: {not: 1}}}",
                "{$currentDate: {a: {$type: 'year'}}}",
                "{$new: {a: 1}}"
            })
    void what_is_not_known_exactly_is_left_to_the_server(String update) {
        assertThat(BsonAlgebra.operations(new BsonInt32(1), BsonDocument.parse(update), true, Instant.EPOCH))
                .isEmpty();
    }

    @Test
    void a_million_increments_are_one_update() {
        Bytes one = operations("{$inc: {views: 1}, $set: {last: 'x'}}");
        Bytes all = one;
        for (int i = 1; i < 1000; i++) all = algebra.merge(all, one);

        assertThat(BsonAlgebra.steps(all))
                .containsExactly(BsonDocument.parse("{$set: {last: 'x'}, $inc: {views: 1000}}"));
    }

    @Test
    void fields_whose_order_would_change_are_two_steps_however_often_they_come() {
        Bytes all = operations("{$inc: {views: 1}}");
        for (int i = 0; i < 10; i++) all = merged(all, "{$inc: {likes: 1}}", "{$inc: {views: 1}}");

        assertThat(BsonAlgebra.steps(all))
                .containsExactly(BsonDocument.parse("{$inc: {views: 11}}"), BsonDocument.parse("{$inc: {likes: 10}}"));
    }

    @Test
    void a_push_and_a_pull_of_one_list_are_two_steps() {
        Bytes both = merged(operations("{$push: {a: 1}}"), "{$push: {a: 2}}", "{$pull: {a: 1}}");

        assertThat(BsonAlgebra.steps(both))
                .containsExactly(
                        BsonDocument.parse("{$push: {a: {$each: [1, 2]}}}"), BsonDocument.parse("{$pull: {a: 1}}"));
    }

    @Test
    void factors_are_multiplied_while_their_type_holds_the_product() {
        Bytes product =
                merged(operations("{$mul: {a: 65536}}"), "{$mul: {a: 2}}", "{$mul: {a: 65536}}", "{$mul: {a: -1}}");

        assertThat(BsonAlgebra.steps(product))
                .containsExactly(
                        BsonDocument.parse("{$mul: {a: 131072}}"),
                        BsonDocument.parse("{$mul: {a: 65536}}"),
                        BsonDocument.parse("{$mul: {a: -1}}"));
    }

    @Test
    void a_sum_beyond_64_bits_is_sent_in_parts() {
        String most = "{$inc: {a: NumberLong('9223372036854775807')}}";
        Bytes sum = merged(operations(most), most, "{$inc: {a: 5}}");

        assertThat(BsonAlgebra.steps(sum))
                .containsExactly(
                        BsonDocument.parse(most),
                        BsonDocument.parse(most),
                        BsonDocument.parse("{$inc: {a: NumberLong(5)}}"));
    }

    @Test
    void a_sum_of_32_bit_numbers_goes_over_to_64_bits_and_comes_back() {
        Bytes up = merged(operations("{$inc: {a: 2147483647}}"), "{$inc: {a: 1}}");

        assertThat(BsonAlgebra.steps(up)).containsExactly(BsonDocument.parse("{$inc: {a: NumberLong(2147483648)}}"));
        assertThat(BsonAlgebra.steps(merged(up, "{$inc: {a: -3}}")))
                .containsExactly(BsonDocument.parse("{$inc: {a: 2147483645}}"));
    }

    @Test
    void what_only_a_new_document_gets_is_dropped_behind_other_operations() {
        Bytes both = merged(operations("{$inc: {a: 1}}"), "{$setOnInsert: {b: 1}, $inc: {a: 1}}");

        assertThat(BsonAlgebra.steps(both)).containsExactly(BsonDocument.parse("{$inc: {a: 2}}"));
    }

    @Test
    void a_new_document_is_made_with_what_only_it_gets() {
        Outcome made = algebra.create(operations("{$setOnInsert: {b: 1}, $inc: {'a.x': 1}}"));

        assertThat(BsonBytes.document(made.document()).toJson()).isEqualTo("{\"a\": {\"x\": 1}, \"b\": 1}");
    }

    @Test
    void the_merging_of_a_refused_change_leaves_it_to_the_server() {
        Bytes both = merged(operations("{$set: {a: 'x'}}"), "{$inc: {a: 1}}");

        assertThat(BsonAlgebra.steps(both)).hasSize(2);
        assertThat(algebra.apply(algebra.document(Map.of()), both).exact()).isFalse();
    }

    @Test
    void numbers_of_equal_value_are_one_key_and_keep_their_spelling() {
        List<BsonValue> spellings = List.of(
                new BsonInt32(5), new BsonInt64(5), new BsonDouble(5), new BsonDecimal128(Decimal128.parse("5.0")));

        assertThat(spellings.stream().map(BsonAlgebra::key).distinct()).hasSize(1);
        for (BsonValue spelling : spellings) {
            Bytes key = BsonAlgebra.key(spelling);
            Bytes inserted = BsonAlgebra.document(new BsonDocument("_id", spelling));
            Bytes update = BsonAlgebra.operations(spelling, BsonDocument.parse("{$set: {a: 1}}"), true, Instant.EPOCH)
                    .orElseThrow();
            assertThat(BsonAlgebra.withId(key, inserted).get("_id")).isEqualTo(spelling);
            assertThat(BsonAlgebra.id(key, update)).isEqualTo(spelling);
            assertThat(BsonAlgebra.withId(key, algebra.create(update).document())
                            .get("_id"))
                    .isEqualTo(spelling);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{v: {a: 1, b: 2}} | {v: {b: 2, a: 1}}",
                "{v: 5}            | {v: '5'}",
                "{v: 0.1}          | {v: NumberDecimal('0.1')}",
                "{v: true}         | {v: 1}",
                "{v: NumberLong('9007199254740993')} | {v: 9007199254740992.0}"
            })
    void values_the_server_tells_apart_are_different_keys(String one, String other) {
        assertThat(BsonAlgebra.key(BsonDocument.parse(one).get("v")))
                .isNotEqualTo(BsonAlgebra.key(BsonDocument.parse(other).get("v")));
    }

    @Test
    void keys_are_equal_in_depth_and_whatever_their_zeros() {
        assertThat(BsonAlgebra.key(
                        BsonDocument.parse("{v: {a: 1, b: NumberLong(2)}}").get("v")))
                .isEqualTo(BsonAlgebra.key(
                        BsonDocument.parse("{v: {a: 1.0, b: 2}}").get("v")));
        assertThat(BsonAlgebra.key(new BsonDouble(-0.0))).isEqualTo(BsonAlgebra.key(new BsonInt32(0)));
        assertThat(BsonAlgebra.key(new BsonDecimal128(Decimal128.parse("0.50"))))
                .isEqualTo(BsonAlgebra.key(new BsonDouble(0.5)));
        assertThat(BsonAlgebra.key(new BsonDecimal128(Decimal128.NaN)))
                .isEqualTo(BsonAlgebra.key(new BsonDouble(Double.NaN)));
        assertThat(BsonAlgebra.key(new BsonSymbol("x"))).isEqualTo(BsonAlgebra.key(new BsonString("x")));
    }

    @Test
    void what_cannot_be_a_key_is_said() {
        assertThatThrownBy(() -> BsonAlgebra.key(new BsonArray()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("ARRAY");
        assertThatThrownBy(() -> BsonAlgebra.key(BsonDocument.parse("{$x: 1}")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("$x");
    }

    @Test
    void values_of_java_come_back_as_they_went_in() {
        Bytes key = algebra.key("k");
        Bytes document = algebra.document(Map.of("n", 5L));
        Bytes changed = algebra.apply(
                        document,
                        algebra.merge(algebra.increment("n", 2L), algebra.set(Map.of("d", new BigDecimal("1.50")))))
                .document();

        Map<String, Object> fields = algebra.fields(key, changed);

        assertThat(fields).containsEntry("_id", "k").containsEntry("n", 7L);
        assertThat(fields.get("d")).isEqualTo(new Decimal128(new BigDecimal("1.50")));
    }

    @Test
    void every_type_of_bson_survives_and_has_its_place_in_the_order() {
        BsonDocument inOrder = BsonDocument.parse("""
                {mi: {$minKey: 1}, u: {$undefined: true}, n: null, i32: 1, dec: {$numberDecimal: '1.10'}, d: 1.5,
                 i64: {$numberLong: '2'}, s: 'x', y: {$symbol: 'z'}, o: {a: 1}, a: [1, 'x'],
                 b: {$binary: {base64: 'AQI=', subType: '04'}}, i: {$oid: '596e275826f08b2730779e1f'}, t: true,
                 w: {$date: {$numberLong: '5'}}, ts: {$timestamp: {t: 1, i: 2}},
                 r: {$regularExpression: {pattern: 'a', options: 'i'}}}""");
        inOrder.append("p", new BsonDbPointer("a.b", new ObjectId()));
        inOrder.putAll(BsonDocument.parse("{c: {$code: 'f()'}, k: {$code: 'f()', $scope: {a: 1}}, ma: {$maxKey: 1}}"));

        assertThat(BsonBytes.document(BsonAlgebra.document(inOrder))).isEqualTo(inOrder);
        assertThat(inOrder.values().stream().map(BsonValue::getBsonType).distinct())
                .hasSize(21);
        List<BsonValue> values = List.copyOf(inOrder.values());
        for (int i = 1; i < values.size(); i++)
            assertThat(BsonOrder.compare(values.get(i - 1), values.get(i))).isNegative();
    }

    private Bytes merged(Bytes first, String... updates) {
        Bytes merged = first;
        for (String update : updates) merged = algebra.merge(merged, operations(update));
        return merged;
    }

    private static Bytes operations(String update) {
        return BsonAlgebra.operations(new BsonInt32(1), BsonDocument.parse(update), true, Instant.EPOCH)
                .orElseThrow();
    }
}
