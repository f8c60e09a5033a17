package io.forebay.internal.mutation;

import static io.forebay.internal.mutation.CountingAlgebra.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.forebay.MissingRow;
import io.forebay.internal.TestTables;
import io.forebay.spi.ColumnChange.Operations;
import io.forebay.spi.ColumnChange.Set;
import io.forebay.spi.RowKey;
import io.forebay.spi.Stage;
import io.forebay.spi.TableInfo;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class DocumentSchemaTest {
    private static final TableInfo PAGES = TableInfo.collection("pages", CountingAlgebra.NAME);

    private final Schema pages = Schema.of(TestTables.definition(PAGES, MissingRow.DEAD_LETTER));

    private static void refused(ThrowingCallable call, String... words) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessageContainingAll(words);
    }

    @Test
    void a_collection_has_a_schema_of_documents_and_a_table_one_of_columns() {
        assertThat(pages).isInstanceOf(DocumentSchema.class);
        assertThat(Schema.of(TestTables.pages())).isInstanceOf(TableSchema.class);
    }

    @Test
    void a_key_is_canonical_and_one_that_is_canonical_stays_so() {
        assertThat(pages.key(List.of(5))).isEqualTo(RowKey.of("pages", List.of(bytes(5))));
        assertThat(pages.key(List.of(bytes(5)))).isEqualTo(pages.key(List.of(5L)));
    }

    @Test
    void a_key_that_no_document_can_have_is_refused() {
        refused(() -> pages.key(List.of("text")), "pages._id", "a key is a number");
        refused(() -> pages.key(List.of(1, 2)), "pages", "_id", "2");
        Map<String, Object> none = new HashMap<>();
        none.put("_id", null);
        refused(() -> pages.keyIn(none), "pages._id", "null");
    }

    @Test
    void an_insert_without_a_key_gets_a_new_one() {
        assertThat(pages.keyIn(Map.of("n", 1))).isEqualTo(RowKey.of("pages", List.of(bytes(4711))));
        assertThat(pages.keyIn(Map.of("_id", 7, "n", 1))).isEqualTo(RowKey.of("pages", List.of(bytes(7))));
    }

    @Test
    void changes_are_operations_and_a_missing_document_falls_under_the_policy() {
        Schema inserting = Schema.of(TestTables.definition(PAGES, MissingRow.INSERT));
        Map<String, Operations> three = Map.of(TableInfo.DOCUMENT, new Operations(bytes(3)));

        assertThat(pages.increment("n", 3)).isEqualTo(new Stage(Stage.Kind.UPDATE, Map.copyOf(three)));
        assertThat(inserting.increment("n", 3)).isEqualTo(new Stage(Stage.Kind.UPSERT, Map.copyOf(three)));
        assertThat(pages.upsert(Map.of("n", 3))).isEqualTo(new Stage(Stage.Kind.UPSERT, Map.copyOf(three)));
        assertThat(pages.insert(Map.of("n", 3)))
                .isEqualTo(new Stage(Stage.Kind.INSERT, Map.of(TableInfo.DOCUMENT, new Set(bytes(3)))));
    }

    @Test
    void what_does_not_fit_is_refused_with_the_names_of_collection_and_field() {
        refused(() -> pages.increment("m", 3), "pages.m", "only n");
        refused(() -> pages.set(Map.of("_id", 3)), "pages._id", "cannot be changed");
        refused(() -> pages.set(Map.of()), "pages", "no fields");
    }

    @Test
    void fields_are_shown_by_name_and_by_path() {
        Map<String, Object> columns = Map.of(TableInfo.DOCUMENT_KEY, bytes(1), TableInfo.DOCUMENT, bytes(8));
        Map<String, Object> shown = pages.shown(pages.key(List.of(1)), columns);

        assertThat(pages.value(shown, "n")).isEqualTo(8L);
        assertThat(pages.value(shown, "nested.deep")).isEqualTo(8L);
        assertThat(pages.value(shown, "n.deep")).isNull();
        assertThat(pages.value(shown, "absent")).isNull();
    }
}
