package io.forebay.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.forebay.spi.TableInfo;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class TableOrderTest {
    @Test
    void parents_come_before_children_and_ties_by_name() {
        TableOrder order = new TableOrder(
                List.of(table("a_item", "z_order"), table("m"), table("z_order", "customer"), table("customer")));

        assertThat(order.rank("customer")).isLessThan(order.rank("z_order"));
        assertThat(order.rank("z_order")).isLessThan(order.rank("a_item"));
        assertThat(order.rank("customer")).isLessThan(order.rank("m"));
    }

    @Test
    void a_circle_is_broken_by_name() {
        TableOrder order = new TableOrder(List.of(table("b", "a"), table("a", "b"), table("c", "a")));

        assertThat(order.rank("a")).isZero();
        assertThat(order.rank("b")).isEqualTo(1);
        assertThat(order.rank("c")).isEqualTo(2);
    }

    @Test
    void a_parent_that_is_not_written_does_not_matter() {
        assertThat(new TableOrder(List.of(table("b", "elsewhere"), table("c"))).rank("b"))
                .isZero();
    }

    private static TableInfo table(String name, String... references) {
        return new TableInfo(name, List.of("id"), Map.of(), List.of(references));
    }
}
