package io.forebay.mongodb.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.AggregateIterable;
import com.mongodb.client.ChangeStreamIterable;
import com.mongodb.client.DistinctIterable;
import com.mongodb.client.FindIterable;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.MongoIterable;
import com.mongodb.client.model.BulkWriteOptions;
import com.mongodb.client.model.DeleteOneModel;
import com.mongodb.client.model.DeleteOptions;
import com.mongodb.client.model.InsertManyOptions;
import com.mongodb.client.model.InsertOneModel;
import com.mongodb.client.model.InsertOneOptions;
import com.mongodb.client.model.ReplaceOneModel;
import com.mongodb.client.model.ReplaceOptions;
import com.mongodb.client.model.UpdateOneModel;
import com.mongodb.client.model.UpdateOptions;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A newer driver may have methods and settings that are not known here. Methods go through then, behind a flush; but nobody
 * has thought about them, and a setting would be passed over. So they fail these tests.
 */
class CompletenessTest {
    @ParameterizedTest
    @ValueSource(classes = {MongoClient.class, MongoDatabase.class, MongoCollection.class})
    void of_every_method_of_the_driver_it_is_decided_what_it_means(Class<?> type) {
        assertThat(names(type, method -> true))
                .isEqualTo(new TreeSet<>(Kind.known(type).keySet()));
    }

    @ParameterizedTest
    @ValueSource(classes = {MongoClient.class, MongoDatabase.class, MongoCollection.class})
    void what_is_iterated_or_opened_is_what_the_driver_gives_so(Class<?> type) {
        Map<String, Kind> kinds = Kind.known(type);
        for (Method method : type.getMethods()) {
            Kind kind = kinds.get(method.getName());
            boolean iterable = MongoIterable.class.isAssignableFrom(method.getReturnType());
            assertThat(kind == Kind.ITERATES || kind == Kind.FINDS)
                    .as(method.toString())
                    .isEqualTo(iterable);
            boolean opens =
                    MongoDatabase.class == method.getReturnType() || MongoCollection.class == method.getReturnType();
            if (opens) assertThat(kind).as(method.toString()).isIn(Kind.OPENS, Kind.DERIVES);
        }
    }

    @ParameterizedTest
    @ValueSource(
            classes = {FindIterable.class, AggregateIterable.class, DistinctIterable.class, ChangeStreamIterable.class})
    void what_is_asked_of_an_iterable_is_known(Class<?> type) {
        Set<String> asks = names(type, method -> !MongoIterable.class.isAssignableFrom(method.getReturnType()));
        asks.removeAll(Set.of("toCollection", "explain"));

        assertThat(asks).containsExactly("cursor", "first", "forEach", "into", "iterator", "spliterator");
    }

    @Test
    void every_setting_of_a_query_is_known() {
        Set<String> settings =
                names(FindIterable.class, method -> MongoIterable.class.isAssignableFrom(method.getReturnType()));
        settings.removeAll(FindLayer.HARMLESS);

        assertThat(settings)
                .as("these keep a query by _id from being answered by the buffer")
                .containsExactly(
                        "collation",
                        "cursorType",
                        "filter",
                        "hint",
                        "hintString",
                        "let",
                        "map",
                        "max",
                        "maxAwaitTime",
                        "min",
                        "projection",
                        "returnKey",
                        "showRecordId",
                        "skip");
    }

    @Test
    void every_setting_of_a_write_is_looked_at() {
        assertThat(getters(UpdateOptions.class))
                .containsExactly(
                        "getArrayFilters",
                        "getBypassDocumentValidation",
                        "getCollation",
                        "getComment",
                        "getHint",
                        "getHintString",
                        "getLet",
                        "getSort",
                        "isUpsert");
        assertThat(getters(ReplaceOptions.class))
                .containsExactly(
                        "getBypassDocumentValidation",
                        "getCollation",
                        "getComment",
                        "getHint",
                        "getHintString",
                        "getLet",
                        "getSort",
                        "isUpsert");
        assertThat(getters(DeleteOptions.class))
                .containsExactly("getCollation", "getComment", "getHint", "getHintString", "getLet");
        assertThat(getters(InsertOneOptions.class)).containsExactly("getBypassDocumentValidation", "getComment");
        assertThat(getters(InsertManyOptions.class))
                .containsExactly("getBypassDocumentValidation", "getComment", "isOrdered");
        assertThat(getters(BulkWriteOptions.class))
                .containsExactly("getBypassDocumentValidation", "getComment", "getLet", "isOrdered");
        assertThat(getters(InsertOneModel.class)).containsExactly("getDocument");
        assertThat(getters(UpdateOneModel.class))
                .containsExactly("getFilter", "getOptions", "getUpdate", "getUpdatePipeline");
        assertThat(getters(ReplaceOneModel.class)).containsExactly("getFilter", "getReplaceOptions", "getReplacement");
        assertThat(getters(DeleteOneModel.class)).containsExactly("getFilter", "getOptions");
    }

    @Test
    void what_the_client_adds_is_answered_by_it() {
        assertThat(Arrays.stream(BufferedMongoClient.class.getDeclaredMethods())
                        .filter(method -> !method.isSynthetic())
                        .map(Method::getName)
                        .collect(Collectors.toSet()))
                .containsAll(ClientLayer.OWN)
                .hasSize(ClientLayer.OWN.size() + 1); // and close
    }

    private static Set<String> names(Class<?> type, Predicate<Method> asked) {
        return Arrays.stream(type.getMethods())
                .filter(method -> !Modifier.isStatic(method.getModifiers()) && !method.isBridge())
                .filter(asked)
                .map(Method::getName)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> getters(Class<?> type) {
        return names(
                type,
                method -> method.getParameterCount() == 0
                        && method.getDeclaringClass() == type
                        && (method.getName().startsWith("get")
                                || method.getName().startsWith("is")));
    }
}
