package io.forebay.cdc.rule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.forebay.cdc.event.ChangeEvent;
import io.forebay.cdc.event.ChangeParser;
import io.forebay.cdc.event.ChangeRecord;
import io.forebay.cdc.event.Parsed;
import io.forebay.cdc.event.Payload;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What rules make of an event: never nothing where something may be stale. */
class RulesTest {
    private static final String ANN = "{\"id\":1,\"email\":\"ann@x\"}";
    private static final String BOB = "{\"id\":1,\"email\":\"bob@x\"}";

    private static ChangeEvent event(String connector, String op, String key, String before, String after) {
        String value =
                "{\"before\":%s,\"after\":%s,\"op\":\"%s\",\"source\":{\"connector\":\"%s\",\"schema\":\"public\",\"table\":\"users\",\"lsn\":7}}"
                        .formatted(before, after, op, connector);
        return parse(key, value);
    }

    private static ChangeEvent parse(String key, String value) {
        ChangeRecord record = new ChangeRecord(
                "server.public.users",
                0,
                0,
                key == null ? null : Payload.of(key),
                Payload.of(value),
                Map.of(),
                null,
                OptionalLong.of(3));
        return ((Parsed.Change) ChangeParser.create().parse(record)).event();
    }

    private static ChangeEvent mysqlUpdate() {
        return event("mysql", "u", "{\"id\":1}", ANN, BOB);
    }

    private static ChangeEvent postgresUpdate() {
        return event("postgresql", "u", "{\"id\":1}", "null", BOB);
    }

    private static Invalidation apply(ChangeEvent event, Consumer<RuleBuilder> rule) {
        return Rules.builder().on("public.users", rule).build().apply(event);
    }

    @Test
    void a_column_that_changed_invalidates_both_of_its_values() {
        Invalidation both = apply(mysqlUpdate(), rule -> rule.key("user:{id}").key("email:{email}"));

        assertThat(both.keys()).containsExactlyInAnyOrder("user:1", "email:ann@x", "email:bob@x");
        assertThat(both.prefixes()).isEmpty();
    }

    @Test
    void before_and_after_take_one_value() {
        assertThat(apply(mysqlUpdate(), rule -> rule.key("e:{before.email}")).keys())
                .containsExactly("e:ann@x");
        assertThat(apply(mysqlUpdate(), rule -> rule.key("e:{after.email}")).keys())
                .containsExactly("e:bob@x");
        assertThat(apply(mysqlUpdate(), rule -> rule.key("e:{before.email}>{after.email}"))
                        .keys())
                .containsExactly("e:ann@x>bob@x");
        assertThat(apply(mysqlUpdate(), rule -> rule.key("e:{key.id}")).keys()).containsExactly("e:1");
    }

    @Test
    void a_former_value_that_is_missing_invalidates_the_constant_part() {
        Invalidation fallback =
                apply(postgresUpdate(), rule -> rule.key("user:{id}").key("email:{email}"));

        assertThat(fallback.keys()).containsExactly("user:1");
        assertThat(fallback.prefixes()).containsExactly("email:");
    }

    /** On PostgreSQL's default identity, Debezium fills all columns but the key with made-up values. */
    @Test
    void a_former_row_is_trusted_only_if_it_is_said_to_be_complete() {
        ChangeEvent deleted = event("postgresql", "d", "{\"id\":1}", "{\"id\":1,\"email\":\"\"}", "null");

        assertThat(apply(deleted, rule -> rule.key("email:{email}")).prefixes()).containsExactly("email:");
        assertThat(apply(deleted, rule -> rule.key("email:{email}").completeBefore())
                        .keys())
                .containsExactly("email:");
        assertThat(apply(deleted, rule -> rule.key("user:{before.id}")).keys()).containsExactly("user:1");
    }

    @Test
    void a_creation_has_no_former_value_and_needs_none() {
        ChangeEvent created = event("postgresql", "c", "{\"id\":1}", "null", ANN);

        Invalidation of = apply(created, rule -> rule.key("email:{email}").key("old:{before.email}"));

        assertThat(of.keys()).containsExactly("email:ann@x");
        assertThat(of.prefixes()).isEmpty();
    }

    @Test
    void a_tag_that_cannot_be_filled_in_invalidates_everything() {
        assertThat(apply(mysqlUpdate(), rule -> rule.tag("mail-{email}")).tags())
                .containsExactlyInAnyOrder("mail-ann@x", "mail-bob@x");
        assertThat(apply(postgresUpdate(), rule -> rule.tag("mail-{email}")).everything())
                .isTrue();
        assertThat(apply(postgresUpdate(), rule -> rule.tag("users")).everything())
                .isFalse();
    }

    @Test
    void a_truncation_invalidates_the_constant_parts() {
        ChangeEvent truncated = event("postgresql", "t", null, "null", "null");

        Invalidation all = apply(
                truncated,
                rule -> rule.key("user:{id}")
                        .key("all-users")
                        .prefix("list:{id}:")
                        .tag("users"));

        assertThat(all.prefixes()).containsExactlyInAnyOrder("user:", "list:");
        assertThat(all.keys()).containsExactly("all-users");
        assertThat(all.tags()).containsExactly("users");
    }

    @Test
    void a_deletion_without_a_key_invalidates_the_constant_part() {
        ChangeEvent deleted = event("postgresql", "d", null, "null", "null");

        assertThat(apply(deleted, rule -> rule.key("user:{id}")).prefixes()).containsExactly("user:");
    }

    @Test
    void a_value_that_was_not_sent_is_taken_from_the_former_row_or_is_missing() {
        String toast = "{\"id\":1,\"email\":\"__debezium_unavailable_value\"}";
        ChangeEvent without = event("postgresql", "u", "{\"id\":1}", "null", toast);
        ChangeEvent with = event("postgresql", "u", "{\"id\":1}", ANN, toast);

        assertThat(apply(without, rule -> rule.key("e:{after.email}")).prefixes())
                .containsExactly("e:");
        assertThat(apply(with, rule -> rule.key("e:{after.email}").completeBefore())
                        .keys())
                .containsExactly("e:ann@x");
    }

    @Test
    void a_refresh_brings_the_row_and_its_fence() {
        Invalidation refresh =
                apply(postgresUpdate(), rule -> rule.key("user:{id}").mode(Mode.REFRESH));

        assertThat(refresh.keys()).isEmpty();
        assertThat(refresh.refreshes()).containsOnlyKeys("user:1");
        assertThat(refresh.refreshes().get("user:1").fence()).isEqualTo(3);
        assertThat(refresh.refreshes().get("user:1").value().text()).contains(BOB);
    }

    @Test
    void a_refresh_of_a_changed_column_invalidates_the_former_key() {
        Invalidation refresh =
                apply(mysqlUpdate(), rule -> rule.key("email:{email}").mode(Mode.REFRESH));

        assertThat(refresh.keys()).containsExactly("email:ann@x");
        assertThat(refresh.refreshes()).containsOnlyKeys("email:bob@x");
    }

    @Test
    void what_is_not_the_whole_row_is_never_stored() {
        Consumer<RuleBuilder> refresh = rule -> rule.key("user:{id}").mode(Mode.REFRESH);
        ChangeEvent toast =
                event("postgresql", "u", "{\"id\":1}", "null", "{\"id\":1,\"t\":\"__debezium_unavailable_value\"}");
        ChangeEvent nothing = event("mongodb", "u", "{\"id\":\"1\"}", "null", "null");
        ChangeEvent partial = parse("{\"id\":\"1\"}", "{\"a\":1,\"_id\":1}");
        ChangeEvent deleted = event("postgresql", "d", "{\"id\":1}", ANN, "null");

        for (ChangeEvent event : new ChangeEvent[] {toast, nothing, partial, deleted}) {
            assertThat(apply(event, refresh).refreshes()).as("%s", event).isEmpty();
            assertThat(apply(event, refresh).keys()).as("%s", event).containsExactly("user:1");
        }
    }

    @Test
    void without_a_fence_nothing_is_stored() {
        ChangeEvent event = mysqlUpdate();
        ChangeEvent unfenced =
                ((Parsed.Change) ChangeParser.create().parse(event.record().withoutFence())).event();

        assertThat(apply(unfenced, rule -> rule.key("user:{id}").mode(Mode.REFRESH))
                        .keys())
                .containsExactly("user:1");
    }

    @Test
    void what_one_rule_invalidates_another_does_not_refresh() {
        Rules rules = Rules.builder()
                .on("users", rule -> rule.key("user:{id}").mode(Mode.REFRESH))
                .on("public.*", rule -> rule.key("user:{id}"))
                .build();

        Invalidation of = rules.apply(postgresUpdate());

        assertThat(of.keys()).containsExactly("user:1");
        assertThat(of.refreshes()).isEmpty();
    }

    @Test
    void a_snapshot_stores_values_but_invalidates_nothing_one_by_one() {
        ChangeEvent read = event("postgresql", "r", "{\"id\":1}", "null", ANN);

        assertThat(apply(read, rule -> rule.key("user:{id}")).isEmpty()).isTrue();
        assertThat(apply(read, rule -> rule.key("user:{id}").mode(Mode.REFRESH)).refreshes())
                .containsOnlyKeys("user:1");
    }

    @Test
    void tables_are_found_by_name_by_qualified_name_and_by_pattern() {
        for (String table : new String[] {"users", "public.users", "public.*", "*", "*sers"})
            assertThat(Rules.builder()
                            .on(table, rule -> rule.key("k:{id}"))
                            .build()
                            .concern(mysqlUpdate()))
                    .as(table)
                    .isTrue();
        for (String table : new String[] {"user", "other.users", "public.user", "Users"})
            assertThat(Rules.builder()
                            .on(table, rule -> rule.key("k:{id}"))
                            .build()
                            .concern(mysqlUpdate()))
                    .as(table)
                    .isFalse();
    }

    @Test
    void nested_columns_decimals_and_braces_are_filled_in() {
        ChangeEvent event =
                event("mysql", "c", "{\"id\":1}", "null", "{\"id\":1,\"a\":{\"b\":\"c\"},\"price\":\"AJY=\"}");

        assertThat(apply(event, rule -> rule.key("n:{a.b}:{{x}}")).keys()).containsExactly("n:c:{x}");
        assertThat(apply(event, rule -> rule.key("p:{price}").decimal("price", 2))
                        .keys())
                .containsExactly("p:1.50");
    }

    @Test
    void yaml_says_the_same_as_code() {
        Rules rules = Rules.ofYaml("""
            rules:
              - table: public.users
                keys: ["user:{id}", "email:{email}"]
                tags: users
                prefixes: ["list:"]
                completeBefore: true
                decimals: {price: 2}
              - table: users
                keys: "row:{id}"
                mode: REFRESH
            """);
        Invalidation of = rules.apply(event("postgresql", "u", "{\"id\":1}", ANN, BOB));

        assertThat(of.keys()).containsExactlyInAnyOrder("user:1", "email:ann@x", "email:bob@x");
        assertThat(of.tags()).containsExactly("users");
        assertThat(of.prefixes()).containsExactly("list:");
        assertThat(of.refreshes()).containsOnlyKeys("row:1");
    }

    @Test
    void every_problem_is_in_one_message() {
        assertThatThrownBy(() -> Rules.ofYaml("""
            rules:
              - table: a
                keys: ["{id}:x", "user:{id", "user:{}", 5]
                mode: DELETE
                colour: red
              - tags: [x]
              - table: b
              - table: c
                tags: [t]
                mode: REFRESH
                completeBefore: maybe
                decimals: {price: two}
            """))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(
                        "rules[0]: the key '{id}:x' begins with a column",
                        "'user:{id' has a '{' without its '}'",
                        "'{}', which names no column",
                        "rules[0].keys: 5 is no text",
                        "rules[0].mode: 'DELETE'; expected one of [INVALIDATE, REFRESH]",
                        "rules[0]: unknown field 'colour'; expected one of completeBefore, decimals, keys",
                        "rules[1]: no table",
                        "rules[2]: it concerns nothing",
                        "rules[3]: REFRESH needs keys",
                        "rules[3].completeBefore: \"maybe\"; expected true or false",
                        "rules[3].decimals.price: \"two\"; expected a whole number");
    }

    @Test
    void what_is_no_yaml_or_no_list_is_said() {
        assertThatThrownBy(() -> Rules.ofYaml("rules: [")).hasMessageContaining("not YAML");
        assertThatThrownBy(() -> Rules.ofYaml("table: x")).hasMessageContaining("expected a list of rules");
        assertThatThrownBy(() -> Rules.ofYaml("rules: []")).hasMessageContaining("there are no rules");
    }
}
