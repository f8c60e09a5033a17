package io.forebay.cdc.rule;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.forebay.cdc.event.ChangeEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/** One rule in the making, see {@link Rules.Builder#on}. Nothing is checked before {@link Rules.Builder#build}. One thread. */
public final class RuleBuilder {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String table;
    private final List<String> keys = new ArrayList<>();
    private final List<String> tags = new ArrayList<>();
    private final List<String> prefixes = new ArrayList<>();
    private final Map<String, Integer> decimals = new HashMap<>();
    private Mode mode = Mode.INVALIDATE;
    private boolean completeBefore;
    private Function<ChangeEvent, byte[]> refreshValue = RuleBuilder::rowAsJson;

    RuleBuilder(String table) {
        this.table = Objects.requireNonNull(table, "table");
    }

    /**
     * Keys of entries, as a template that begins with something constant: {@code user:{id}}. A column is looked for in the
     * primary key, then in the row before and in the row after: both texts are invalidated. {@code {before.email}} and {@code
     * {after.email}} take one of them. What cannot be filled in invalidates all keys that begin with the constant part.
     */
    public RuleBuilder key(String template) {
        keys.add(template);
        return this;
    }

    /** A tag of entries, as a template. What cannot be filled in invalidates everything: a tag has no beginning. */
    public RuleBuilder tag(String template) {
        tags.add(template);
        return this;
    }

    /** The beginning of keys of entries, as a template as in {@link #key}. */
    public RuleBuilder prefix(String template) {
        prefixes.add(template);
        return this;
    }

    /** What becomes of the entries named by {@link #key}. Default {@link Mode#INVALIDATE}. */
    public RuleBuilder mode(Mode what) {
        this.mode = Objects.requireNonNull(what, "mode");
        return this;
    }

    /**
     * Says that {@code before} has all columns: on PostgreSQL that the table has {@code REPLICA IDENTITY FULL}. Without it only
     * the key is taken from there. Not needed for MySQL, MariaDB and MongoDB, unless the records are unwrapped.
     */
    public RuleBuilder completeBefore() {
        this.completeBefore = true;
        return this;
    }

    /** Says that a column is a decimal of that scale, written as bytes ({@code decimal.handling.mode=precise}). */
    public RuleBuilder decimal(String column, int scale) {
        decimals.put(column, scale);
        return this;
    }

    /** What {@link Mode#REFRESH} stores. Default: the row after, as JSON. */
    public RuleBuilder refreshValue(Function<ChangeEvent, byte[]> value) {
        this.refreshValue = Objects.requireNonNull(value, "refreshValue");
        return this;
    }

    private static byte[] rowAsJson(ChangeEvent event) {
        ObjectNode row = event.completeAfter().orElseThrow();
        try {
            return JSON.writeValueAsBytes(row);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a row of " + event.table() + " could not be written as JSON", e);
        }
    }

    /** Adds what is wrong to {@code problems}; empty if something was. */
    Optional<Rule> build(String place, List<String> problems) {
        int before = problems.size();
        if (table.isBlank()) problems.add(place + ": no table; expected a name such as public.users");
        if (keys.isEmpty() && tags.isEmpty() && prefixes.isEmpty())
            problems.add(place + ": it concerns nothing; expected keys, tags or prefixes");
        if (mode == Mode.REFRESH && keys.isEmpty())
            problems.add(place + ": REFRESH needs keys; tags and prefixes can only be invalidated");
        Rule rule = new Rule(
                TablePattern.of(table),
                templates(keys, "key", true, place, problems),
                templates(tags, "tag", false, place, problems),
                templates(prefixes, "prefix", true, place, problems),
                mode,
                completeBefore,
                decimals,
                refreshValue);
        return problems.size() == before ? Optional.of(rule) : Optional.empty();
    }

    private static List<Template> templates(
            List<String> texts, String what, boolean needsConstant, String place, List<String> problems) {
        List<Template> templates = new ArrayList<>();
        for (String text : texts) {
            try {
                Template template = Template.parse(text);
                if (text.isEmpty()) problems.add(place + ": an empty " + what);
                else if (needsConstant && template.constant().isEmpty())
                    problems.add(
                            "%s: the %s '%s' begins with a column; begin with something constant, such as 'users:%s', so that what cannot be filled in can be invalidated by it"
                                    .formatted(place, what, text, text));
                templates.add(template);
            } catch (IllegalArgumentException e) {
                problems.add(place + ": " + e.getMessage());
            }
        }
        return templates;
    }
}
