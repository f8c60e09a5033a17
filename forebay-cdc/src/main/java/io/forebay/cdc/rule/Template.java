package io.forebay.cdc.rule;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * A text with places for columns: {@code user:{id}}. A place is a column's name, or {@code before.NAME}, {@code after.NAME}, {@code
 * key.NAME}; dots lead into documents. Two braces stand for one.
 */
final class Template {
    /** Where a place looks for its column. */
    private enum Scope {
        /** In the key, then in the row of the state that is filled in. */
        EITHER,
        KEY,
        BEFORE,
        AFTER
    }

    private sealed interface Part {}

    private record Constant(String text) implements Part {}

    private record Place(Scope scope, List<String> path) implements Part {}

    private final String text;
    private final List<Part> parts;

    private Template(String text, List<Part> parts) {
        this.text = text;
        this.parts = parts;
    }

    /** @throws IllegalArgumentException if braces do not match or a place has no name */
    static Template parse(String text) {
        List<Part> parts = new ArrayList<>();
        StringBuilder constant = new StringBuilder();
        int at = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            boolean twice = at + 1 < text.length() && text.charAt(at + 1) == c;
            if ((c == '{' || c == '}') && twice) {
                constant.append(c);
                at += 2;
            } else if (c == '{') {
                int end = text.indexOf('}', at);
                if (end < 0) throw wrong(text, "a '{' without its '}'");
                if (!constant.isEmpty()) parts.add(new Constant(constant.toString()));
                constant.setLength(0);
                parts.add(place(text, text.substring(at + 1, end)));
                at = end + 1;
            } else if (c == '}') {
                throw wrong(text, "a '}' without its '{'; write '}}' for the character itself");
            } else {
                constant.append(c);
                at++;
            }
        }
        if (!constant.isEmpty()) parts.add(new Constant(constant.toString()));
        return new Template(text, List.copyOf(parts));
    }

    private static Place place(String text, String name) {
        List<String> path = List.of(name.split("\\.", -1));
        if (path.stream().anyMatch(String::isBlank) || name.contains("{"))
            throw wrong(
                    text,
                    "'{" + name
                            + "}', which names no column; expected {column}, {before.column}, {after.column} or"
                            + " {key.column}");
        Scope scope = path.size() == 1 ? Scope.EITHER : scope(path.get(0));
        return new Place(scope, scope == Scope.EITHER ? path : path.subList(1, path.size()));
    }

    private static Scope scope(String first) {
        return switch (first) {
            case "key" -> Scope.KEY;
            case "before" -> Scope.BEFORE;
            case "after" -> Scope.AFTER;
            default -> Scope.EITHER;
        };
    }

    private static IllegalArgumentException wrong(String text, String what) {
        return new IllegalArgumentException("the template '" + text + "' has " + what);
    }

    /** The text before the first place; all of it if there is none. */
    String constant() {
        return !parts.isEmpty() && parts.get(0) instanceof Constant constant ? constant.text() : "";
    }

    boolean isConstant() {
        return parts.stream().allMatch(Constant.class::isInstance);
    }

    /** Whether it says something of the row as it was. */
    boolean concernsBefore() {
        return !has(Scope.AFTER);
    }

    /** Whether it says something of the row as it is. */
    boolean concernsAfter() {
        return !has(Scope.BEFORE);
    }

    /** Whether it puts both states into one text. */
    boolean mixesBoth() {
        return has(Scope.BEFORE) && has(Scope.AFTER);
    }

    private boolean has(Scope scope) {
        return parts.stream().anyMatch(part -> part instanceof Place place && place.scope() == scope);
    }

    /**
     * With its places filled in; empty if a value is not known.
     *
     * @param of the state that places without a scope are of
     * @param render makes text of a column's value
     */
    Optional<String> fill(Row of, Row before, Row after, BiFunction<List<String>, JsonNode, String> render) {
        StringBuilder filled = new StringBuilder();
        for (Part part : parts) {
            if (part instanceof Constant constant) {
                filled.append(constant.text());
            } else if (part instanceof Place place) {
                Optional<JsonNode> value = value(place, of, before, after);
                if (value.isEmpty()) return Optional.empty();
                filled.append(render.apply(place.path(), value.get()));
            }
        }
        return Optional.of(filled.toString());
    }

    private static Optional<JsonNode> value(Place place, Row of, Row before, Row after) {
        return switch (place.scope()) {
            case EITHER -> of.column(place.path());
            case KEY -> of.keyColumn(place.path());
            case BEFORE -> before.column(place.path());
            case AFTER -> after.column(place.path());
        };
    }

    @Override
    public String toString() {
        return text;
    }
}
