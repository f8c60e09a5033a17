package io.forebay.cdc.rule;

import io.forebay.cdc.event.SourceTable;
import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Which tables a rule is for: {@code public.users}, {@code users} of any schema or database, {@code public.*}, {@code *}. */
final class TablePattern {
    private final String text;
    private final Pattern pattern;

    private TablePattern(String text, Pattern pattern) {
        this.text = text;
        this.pattern = pattern;
    }

    static TablePattern of(String text) {
        String regex = Arrays.stream(text.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
        return new TablePattern(text, Pattern.compile(regex, Pattern.DOTALL));
    }

    boolean matches(SourceTable table) {
        return pattern.matcher(table.toString()).matches()
                || pattern.matcher(table.name()).matches();
    }

    @Override
    public String toString() {
        return text;
    }
}
