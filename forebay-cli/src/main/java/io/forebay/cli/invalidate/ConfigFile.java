package io.forebay.cli.invalidate;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.forebay.cli.CommandFailure;
import io.forebay.cli.ErrorLine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A YAML file that is read place by place, and complains of everything at once. Texts may name what must not stand in the
 * file: <code>${env:NAME}</code> is a variable of the environment, <code>${file:PATH}</code> the first line of a file. One thread.
 */
final class ConfigFile {
    private static final YAMLMapper YAML = YAMLMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final Pattern SECRET = Pattern.compile("\\$\\{(env|file):([^}]+)}");

    private final Path file;
    private final JsonNode root;
    private final List<String> problems = new ArrayList<>();

    private ConfigFile(Path file, JsonNode root) {
        this.file = file;
        this.root = root;
    }

    /** @throws CommandFailure if it cannot be read, or is not YAML */
    static ConfigFile read(Path file) {
        try {
            JsonNode root = YAML.readTree(Files.readString(file));
            if (!(root instanceof ObjectNode))
                throw new CommandFailure(file + ": expected source, redis, cache and rules, found nothing");
            return new ConfigFile(file, root);
        } catch (IOException e) {
            throw new CommandFailure("%s: %s".formatted(file, ErrorLine.of(e)), e);
        }
    }

    /** Its top. */
    Section top() {
        return new Section("", root);
    }

    void problem(String what) {
        problems.add(what);
    }

    /** What {@code making} makes; what it says of wrong arguments is one more problem. */
    <T> @Nullable T making(String place, Supplier<T> making) {
        try {
            return making.get();
        } catch (IllegalArgumentException e) {
            problem(place + ": " + e.getMessage());
            return null;
        }
    }

    /** @throws CommandFailure if there was any problem, with all of them */
    void requireGood() {
        if (problems.isEmpty()) return;
        throw new CommandFailure(file + ": " + String.join("; ", problems));
    }

    /** One place in the file, with fields. */
    final class Section {
        private final String name;
        private final JsonNode node;

        private Section(String name, JsonNode node) {
            this.name = name;
            this.node = node;
        }

        private String place(String field) {
            return name.isEmpty() ? field : name + "." + field;
        }

        boolean has(String field) {
            return node.has(field);
        }

        /** Complains of fields that are none of these. */
        Section only(String... fields) {
            Set<String> known = Set.of(fields);
            node.fieldNames().forEachRemaining(field -> {
                if (!known.contains(field))
                    problem("%s is unknown; expected %s".formatted(place(field), String.join(", ", fields)));
            });
            return this;
        }

        /** A place below this one; without fields if it is not there. */
        Section section(String field) {
            JsonNode below = node.path(field);
            if (!below.isMissingNode() && !below.isObject()) problem(place(field) + ": expected fields below it");
            return new Section(place(field), below.isObject() ? below : MissingNode.getInstance());
        }

        /** A list, as it stands. */
        JsonNode list(String field) {
            JsonNode list = node.path(field);
            if (!(list instanceof ArrayNode)) problem(place(field) + " is missing: expected a list");
            return list;
        }

        String required(String field) {
            String value = text(field, "");
            if (value.isBlank()) problem(place(field) + " is missing");
            return value;
        }

        String text(String field, String otherwise) {
            JsonNode value = node.path(field);
            if (value.isMissingNode() || value.isNull()) return otherwise;
            if (!value.isValueNode()) problem(place(field) + ": expected a text");
            return revealed(place(field), value.asText());
        }

        int number(String field, int otherwise, int min, int max) {
            JsonNode value = node.path(field);
            if (value.isMissingNode()) return otherwise;
            if (!value.isIntegralNumber() || value.asLong() < min || value.asLong() > max)
                problem("%s: expected a whole number from %d to %d, was %s".formatted(place(field), min, max, value));
            return value.asInt(otherwise);
        }

        boolean flag(String field) {
            JsonNode value = node.path(field);
            if (!value.isMissingNode() && !value.isBoolean())
                problem("%s: expected true or false, was %s".formatted(place(field), value));
            return value.asBoolean(false);
        }

        Duration duration(String field, Duration otherwise) {
            String value = text(field, "");
            if (value.isEmpty()) return otherwise;
            try {
                return Duration.parse(value);
            } catch (DateTimeParseException e) {
                problem("%s: expected a time such as PT10M or PT0.5S, was %s".formatted(place(field), value));
                return otherwise;
            }
        }

        List<String> texts(String field) {
            List<String> values = new ArrayList<>();
            node.path(field).forEach(value -> values.add(revealed(place(field), value.asText())));
            return values;
        }

        /** All fields of a place below, with their texts. */
        Map<String, String> properties(String field) {
            Map<String, String> properties = new LinkedHashMap<>();
            section(field)
                    .node
                    .properties()
                    .forEach(property -> properties.put(
                            property.getKey(),
                            revealed(
                                    place(field) + "." + property.getKey(),
                                    property.getValue().asText())));
            return properties;
        }
    }

    private String revealed(String place, String text) {
        return SECRET.matcher(text)
                .replaceAll(found -> Matcher.quoteReplacement(secret(place, found.group(1), found.group(2))));
    }

    private String secret(String place, String kind, String name) {
        if (kind.equals("env")) {
            String value = System.getenv(name);
            if (value == null) problem("%s: the variable %s is not set".formatted(place, name));
            return value == null ? "" : value;
        }
        try {
            return Files.readString(Path.of(name)).lines().findFirst().orElse("");
        } catch (IOException e) {
            problem("%s: %s".formatted(place, ErrorLine.of(e)));
            return "";
        }
    }
}
