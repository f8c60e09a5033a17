package io.forebay.cdc.rule;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/** Reads rules from YAML, and collects every problem before it complains. One thread. */
final class RulesYaml {
    private static final ObjectMapper YAML = YAMLMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final Set<String> FIELDS =
            new TreeSet<>(Set.of("table", "keys", "tags", "prefixes", "mode", "completeBefore", "decimals"));

    private final List<String> problems = new ArrayList<>();

    private RulesYaml() {}

    static Rules read(String yaml) {
        return new RulesYaml().rules(yaml);
    }

    private Rules rules(String yaml) {
        JsonNode root = parse(yaml);
        JsonNode list = root.isArray() ? root : root.path("rules");
        if (!list.isArray()) throw new IllegalArgumentException("rules: expected a list of rules, each with a table");
        Rules.Builder rules = Rules.builder();
        for (int i = 0; i < list.size(); i++) {
            JsonNode rule = list.get(i);
            String place = "rules[" + i + "]";
            rules.on(rule.path("table").asText(""), builder -> fill(rule, builder, place));
        }
        return rules.build(problems);
    }

    private static JsonNode parse(String yaml) {
        try {
            return YAML.readTree(yaml);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("the rules are not YAML: " + e.getMessage(), e);
        }
    }

    private void fill(JsonNode rule, RuleBuilder to, String place) {
        rule.fieldNames().forEachRemaining(name -> {
            if (!FIELDS.contains(name))
                problems.add(
                        "%s: unknown field '%s'; expected one of %s".formatted(place, name, String.join(", ", FIELDS)));
        });
        texts(rule, "keys", place, to::key);
        texts(rule, "tags", place, to::tag);
        texts(rule, "prefixes", place, to::prefix);
        mode(rule.path("mode"), place, to);
        completeBefore(rule.path("completeBefore"), place, to);
        decimals(rule.path("decimals"), place, to);
    }

    /** A list of texts, or one text. */
    private void texts(JsonNode rule, String field, String place, Consumer<String> to) {
        JsonNode given = rule.path(field);
        if (given.isMissingNode()) return;
        List<JsonNode> values = new ArrayList<>();
        if (given.isArray()) given.forEach(values::add);
        else values.add(given);
        for (JsonNode value : values) {
            if (value.isTextual()) to.accept(value.textValue());
            else problems.add("%s.%s: %s is no text; put it in quotes".formatted(place, field, value));
        }
    }

    private void mode(JsonNode given, String place, RuleBuilder to) {
        if (given.isMissingNode()) return;
        for (Mode mode : Mode.values()) {
            if (mode.name().equals(given.asText())) {
                to.mode(mode);
                return;
            }
        }
        problems.add(
                "%s.mode: '%s'; expected one of %s".formatted(place, given.asText(), Arrays.toString(Mode.values())));
    }

    private void completeBefore(JsonNode given, String place, RuleBuilder to) {
        if (given.isMissingNode()) return;
        if (!given.isBoolean()) problems.add("%s.completeBefore: %s; expected true or false".formatted(place, given));
        else if (given.booleanValue()) to.completeBefore();
    }

    private void decimals(JsonNode given, String place, RuleBuilder to) {
        if (given.isMissingNode()) return;
        if (!given.isObject())
            problems.add("%s.decimals: expected columns with their scales, such as {price: 2}".formatted(place));
        given.properties().forEach(column -> {
            if (column.getValue().canConvertToInt() && column.getValue().isIntegralNumber())
                to.decimal(column.getKey(), column.getValue().intValue());
            else
                problems.add("%s.decimals.%s: %s; expected a whole number, the scale"
                        .formatted(place, column.getKey(), column.getValue()));
        });
    }
}
