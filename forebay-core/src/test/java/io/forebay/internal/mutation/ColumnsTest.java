package io.forebay.internal.mutation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ColumnsTest {
    @Test
    void it_behaves_like_a_sorted_map() {
        for (long seed = 0; seed < 2_000; seed++) {
            Random random = new Random(seed);
            TreeMap<String, Integer> expected = new TreeMap<>();
            Columns<Integer> columns = Columns.empty();
            for (int i = random.nextInt(20); i > 0; i--) {
                String name = "c" + random.nextInt(12);
                Integer value = random.nextInt(5) == 0 ? null : random.nextInt();
                expected.put(name, value);
                columns = columns.with(name, value);
            }

            assertThat(columns).as("seed %d", seed).isEqualTo(expected).hasSameHashCodeAs(expected);
            assertThat(new ArrayList<>(columns.keySet()))
                    .as("seed %d", seed)
                    .isEqualTo(new ArrayList<>(expected.keySet()));
            for (int i = 0; i < 12; i++) {
                assertThat(columns.get("c" + i)).as("seed %d", seed).isEqualTo(expected.get("c" + i));
                assertThat(columns.containsKey("c" + i)).as("seed %d", seed).isEqualTo(expected.containsKey("c" + i));
            }
        }
    }

    @Test
    void a_column_can_hold_null() {
        Columns<Integer> columns = Columns.of("a", null);

        assertThat(columns.containsKey("a")).isTrue();
        assertThat(columns.get("a")).isNull();
        assertThat(columns).isEqualTo(Columns.<Integer>empty().with("a", null)).isNotEqualTo(Columns.empty());
    }

    @Test
    void a_change_makes_another_map() {
        Columns<Integer> one = Columns.of("b", 1);

        Columns<Integer> two = one.with("a", 2);
        Columns<Integer> other = two.with("b", 3);

        assertThat(one).containsExactly(Map.entry("b", 1));
        assertThat(two).containsExactly(Map.entry("a", 2), Map.entry("b", 1));
        assertThat(other).containsExactly(Map.entry("a", 2), Map.entry("b", 3));
    }

    @Test
    void a_copy_is_sorted_and_does_not_follow_its_source() {
        Map<String, Integer> source = new HashMap<>(Map.of("b", 2, "a", 1));

        Columns<Integer> copy = Columns.copyOf(source);
        source.put("c", 3);

        assertThat(copy).containsExactly(Map.entry("a", 1), Map.entry("b", 2));
        assertThat(Columns.copyOf(copy)).isSameAs(copy);
    }

    @Test
    void it_cannot_be_changed_from_outside() {
        Columns<Integer> columns = Columns.of("a", 1);

        assertThatThrownBy(() -> columns.put("a", 2)).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> columns.remove("a")).isInstanceOf(UnsupportedOperationException.class);
        columns.entrySet().iterator().next().getKey();
        assertThatThrownBy(() -> columns.entrySet().iterator().next().setValue(2))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void nothing_but_a_name_is_in_it() {
        assertThat(Columns.of("1", 1).get(1)).isNull();
        assertThat(Columns.of("1", 1).containsKey(null)).isFalse();
        assertThat(List.copyOf(Columns.empty().entrySet())).isEmpty();
    }

    @Test
    void an_iterator_ends() {
        Iterator<String> names = Columns.of("a", 1).keySet().iterator();
        names.next();

        assertThat(names.hasNext()).isFalse();
        assertThatThrownBy(names::next).isInstanceOf(NoSuchElementException.class);
    }
}
