package io.forebay.internal.mutation;

import static io.forebay.internal.mutation.CountingAlgebra.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.forebay.spi.ColumnChange;
import io.forebay.spi.ColumnChange.Operations;
import io.forebay.spi.ColumnChange.Set;
import io.forebay.spi.Stage;
import io.forebay.spi.Stage.Kind;
import io.forebay.spi.TableInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Rule M1 for documents: what is merged does what its parts do, whether or not the document exists. */
class DocumentMergeTest {
    private static final TableInfo TABLE = TableInfo.collection("pages", CountingAlgebra.NAME);
    private static final long UNCLEAR = 13;

    private static Stage set(Kind kind, long number) {
        return stage(kind, new Set(bytes(number)));
    }

    private static Stage add(Kind kind, long number) {
        return stage(kind, new Operations(bytes(number)));
    }

    private static Stage stage(Kind kind, ColumnChange change) {
        return new Stage(kind, Columns.of(TableInfo.DOCUMENT, change));
    }

    private static Stage delete() {
        return new Stage(Kind.DELETE, Columns.empty());
    }

    private static List<Stage> merged(Stage... stages) {
        return Merge.append(List.of(), List.of(stages), TABLE);
    }

    @Test
    void operations_on_operations_are_merged() {
        assertThat(merged(add(Kind.UPDATE, 1), add(Kind.UPDATE, 2))).containsExactly(add(Kind.UPDATE, 3));
        assertThat(merged(add(Kind.UPSERT, 1), add(Kind.UPDATE, 2))).containsExactly(add(Kind.UPSERT, 3));
    }

    @Test
    void operations_on_a_document_are_done_to_it() {
        assertThat(merged(set(Kind.INSERT, 1), add(Kind.UPDATE, 2))).containsExactly(set(Kind.INSERT, 3));
        assertThat(merged(set(Kind.UPDATE, 1), add(Kind.UPDATE, 2))).containsExactly(set(Kind.UPDATE, 3));
        assertThat(merged(set(Kind.UPSERT, 1), add(Kind.UPSERT, 2))).containsExactly(set(Kind.UPSERT, 3));
    }

    @Test
    void a_document_takes_the_place_of_what_was_pending() {
        assertThat(merged(add(Kind.UPSERT, 1), set(Kind.UPDATE, 2))).containsExactly(set(Kind.UPSERT, 2));
    }

    @Test
    void an_upsert_behind_a_delete_makes_a_new_document() {
        assertThat(merged(delete(), add(Kind.UPSERT, 2))).containsExactly(set(Kind.REPLACE, 2));
    }

    /** What the database may refuse has to reach it, so that the refusal is said. */
    @Test
    void operations_whose_outcome_is_not_certain_stay_what_they_are() {
        assertThat(merged(set(Kind.UPDATE, 1), add(Kind.UPDATE, UNCLEAR)))
                .containsExactly(set(Kind.UPDATE, 1), add(Kind.UPDATE, UNCLEAR));
        assertThat(merged(delete(), add(Kind.UPSERT, UNCLEAR))).containsExactly(delete(), add(Kind.UPSERT, UNCLEAR));
    }

    @Test
    void any_three_stages_do_merged_what_they_do_one_by_one() {
        List<Stage> all = new ArrayList<>(List.of(delete()));
        for (Kind kind : List.of(Kind.INSERT, Kind.REPLACE, Kind.UPDATE, Kind.UPSERT)) all.add(set(kind, 5));
        for (Kind kind : List.of(Kind.UPDATE, Kind.UPSERT)) all.addAll(List.of(add(kind, 7), add(kind, UNCLEAR)));
        for (Stage first : all) for (Stage second : all) for (Stage third : all) requireSame(first, second, third);
    }

    private static void requireSame(Stage... stages) {
        List<Stage> oneByOne = List.of(stages);
        for (Optional<Map<String, Object>> row : List.of(Optional.<Map<String, Object>>empty(), row(100))) {
            if (refusesAnInsert(row, oneByOne)) continue; // it takes along what was merged into it
            assertThat(apply(row, merged(stages))).as("%s on %s", oneByOne, row).isEqualTo(apply(row, oneByOne));
        }
    }

    private static boolean refusesAnInsert(Optional<Map<String, Object>> row, List<Stage> stages) {
        for (int i = 0; i < stages.size(); i++)
            if (stages.get(i).kind() == Kind.INSERT
                    && apply(row, stages.subList(0, i)).isPresent()) return true;
        return false;
    }

    private static Optional<Map<String, Object>> row(long number) {
        return Optional.of(new TreeMap<>(Map.of(TableInfo.DOCUMENT_KEY, bytes(1), TableInfo.DOCUMENT, bytes(number))));
    }

    private static Optional<Map<String, Object>> apply(Optional<Map<String, Object>> row, List<Stage> stages) {
        return Apply.stages(row, stages, List.of(bytes(1)), TABLE);
    }
}
