package io.forebay.cdc.rule;

import io.forebay.cdc.event.ChangeEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Which entries a change concerns. Several rules may be for one table; all of them hold. Immutable, thread-safe. */
public final class Rules {
    private final List<Rule> rules;

    private Rules(List<Rule> rules) {
        this.rules = List.copyOf(rules);
    }

    /** Rules in code. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Rules as YAML, as {@code docs/invalidation.md} has them.
     *
     * @throws IllegalArgumentException if something is wrong, with all problems in the message
     */
    public static Rules ofYaml(String yaml) {
        return RulesYaml.read(yaml);
    }

    /**
     * The same from a file.
     *
     * @throws UncheckedIOException if the file cannot be read
     */
    public static Rules ofYaml(Path file) {
        try {
            return ofYaml(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException("the rules could not be read: " + file, e);
        }
    }

    /** Whether there is a rule for the event's table. */
    public boolean concern(ChangeEvent event) {
        return rules.stream().anyMatch(rule -> rule.table().matches(event.table()));
    }

    /** The entries that the event concerns. */
    public Invalidation apply(ChangeEvent event) {
        InvalidationBuilder builder = new InvalidationBuilder();
        for (Rule rule : rules) if (rule.table().matches(event.table())) rule.apply(event, builder);
        return builder.build();
    }

    /** Collects rules. One thread. */
    public static final class Builder {
        private final List<RuleBuilder> rules = new ArrayList<>();

        private Builder() {}

        /**
         * Adds a rule.
         *
         * @param table {@code schema.table} (PostgreSQL), {@code database.table} (MySQL), {@code database.collection} (MongoDB), the
         *     last part alone, or a pattern with {@code *}
         */
        public Builder on(String table, Consumer<RuleBuilder> rule) {
            RuleBuilder builder = new RuleBuilder(table);
            rule.accept(builder);
            rules.add(builder);
            return this;
        }

        /**
         * The rules.
         *
         * @throws IllegalArgumentException if there are none or something is wrong, with all problems in the message
         */
        public Rules build() {
            return build(new ArrayList<>());
        }

        Rules build(List<String> problems) {
            List<Rule> checked = new ArrayList<>();
            for (int i = 0; i < rules.size(); i++)
                rules.get(i).build("rules[" + i + "]", problems).ifPresent(checked::add);
            if (rules.isEmpty() && problems.isEmpty()) problems.add("there are no rules");
            if (!problems.isEmpty()) throw new IllegalArgumentException(String.join("; ", problems));
            return new Rules(checked);
        }
    }
}
