package io.forebay.cdc.rule;

import com.fasterxml.jackson.databind.JsonNode;
import io.forebay.cdc.event.ChangeEvent;
import io.forebay.cdc.event.Op;
import io.forebay.cdc.event.Payload;
import io.forebay.cdc.event.Phase;
import io.forebay.cdc.event.Values;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** One rule, checked. */
record Rule(
        TablePattern table,
        List<Template> keys,
        List<Template> tags,
        List<Template> prefixes,
        Mode mode,
        boolean completeBefore,
        Map<String, Integer> decimals,
        Function<ChangeEvent, byte[]> refreshValue) {
    private static final Set<String> COMPLETE_BEFORE = Set.of("mysql", "mariadb", "mongodb");

    Rule {
        keys = List.copyOf(keys);
        tags = List.copyOf(tags);
        prefixes = List.copyOf(prefixes);
        decimals = Map.copyOf(decimals);
    }

    /** Adds what the event concerns by this rule. */
    void apply(ChangeEvent event, InvalidationBuilder to) {
        if (event.phase() == Phase.SNAPSHOT && mode == Mode.INVALIDATE) return; // its start has invalidated everything
        boolean trusted = completeBefore || COMPLETE_BEFORE.contains(event.connector());
        Row before = Row.before(event, trusted);
        Row after = Row.after(event, trusted);

        Set<String> refreshed = refresh(event, after, to);
        for (Template key : keys)
            fill(key, event, before, after)
                    .ifPresentOrElse(filled -> to.keys(filled, refreshed), () -> to.prefix(key.constant()));
        for (Template prefix : prefixes)
            fill(prefix, event, before, after).ifPresentOrElse(to::prefixes, () -> to.prefix(prefix.constant()));
        for (Template tag : tags) fill(tag, event, before, after).ifPresentOrElse(to::tags, to::everything);
    }

    /** The keys that get the row as it is; empty if the rule does not ask for it, or the record does not allow it. */
    private Set<String> refresh(ChangeEvent event, Row after, InvalidationBuilder to) {
        if (mode != Mode.REFRESH
                || event.fence().isEmpty()
                || event.completeAfter().isEmpty()) return Set.of();
        Set<String> refreshed = new LinkedHashSet<>();
        for (Template key : keys)
            if (key.concernsAfter()) key.fill(after, after, after, this::render).ifPresent(refreshed::add);
        if (refreshed.isEmpty()) return refreshed;
        Refresh value =
                new Refresh(Payload.of(refreshValue.apply(event)), event.fence().getAsLong());
        refreshed.forEach(key -> to.refresh(key, value));
        return refreshed;
    }

    /** The texts of both states of the row; empty if one of them is not known. */
    private Optional<Set<String>> fill(Template template, ChangeEvent event, Row before, Row after) {
        if (template.isConstant()) return Optional.of(Set.of(template.constant()));
        if (event.op() == Op.TRUNCATE) return Optional.empty();
        Set<String> filled = new LinkedHashSet<>();
        boolean known = true;
        if (template.mixesBoth()) {
            if (event.op().mayHaveBefore() && event.op().mayHaveAfter())
                known = add(template, after, before, after, filled);
        } else {
            if (needsBefore(template, event)) known = add(template, before, before, after, filled);
            if (event.op().mayHaveAfter() && template.concernsAfter())
                known &= add(template, after, before, after, filled);
        }
        return known ? Optional.of(filled) : Optional.empty();
    }

    /** What a snapshot reads at its start needs no former state: everything was invalidated. */
    private static boolean needsBefore(Template template, ChangeEvent event) {
        return event.op().mayHaveBefore() && template.concernsBefore() && event.phase() != Phase.SNAPSHOT;
    }

    private boolean add(Template template, Row of, Row before, Row after, Set<String> to) {
        Optional<String> text = template.fill(of, before, after, this::render);
        text.ifPresent(to::add);
        return text.isPresent();
    }

    /** Kafka Connect writes decimals as bytes: with the scale they are numbers again. */
    private String render(List<String> path, JsonNode value) {
        Integer scale = decimals.get(String.join(".", path));
        if (scale == null || !value.isTextual()) return Values.render(value);
        byte[] unscaled = Base64.getDecoder().decode(value.textValue());
        return new BigDecimal(new BigInteger(unscaled), scale).toPlainString();
    }
}
