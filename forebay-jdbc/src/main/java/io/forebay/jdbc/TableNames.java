package io.forebay.jdbc;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds the table a name means: exactly first, then regardless of case if that fits one table only. */
final class TableNames {
    private static final int SHOWN = 5;

    private TableNames() {}

    /**
     * A table of the database.
     *
     * @param visible whether it is found without its schema
     * @param id how the catalog calls it
     */
    record Candidate(String schema, String table, boolean visible, long id) {
        String qualified() {
            return schema + "." + table;
        }

        /** How an application would spell it that spells its other tables with a schema, or without. */
        String spelled(boolean withSchema) {
            return withSchema || !visible ? qualified() : table;
        }

        Stream<Match> spellings() {
            Match qualified = new Match(this, true);
            return visible ? Stream.of(new Match(this, false), qualified) : Stream.of(qualified);
        }
    }

    /** A table, and whether it was named with its schema. */
    record Match(Candidate table, boolean withSchema) {
        String name() {
            return table.spelled(withSchema);
        }
    }

    static Match resolve(String asked, List<Candidate> candidates) {
        List<Match> exact = matches(candidates, asked::equals);
        if (exact.size() == 1) return exact.get(0);
        List<Match> similar = exact.isEmpty() ? matches(candidates, asked::equalsIgnoreCase) : exact;
        if (similar.size() == 1) return similar.get(0);
        if (similar.isEmpty())
            throw new IllegalArgumentException(
                    "there is no table " + asked + "; near it are " + near(asked, candidates));
        throw new IllegalArgumentException("the name " + asked + " fits several tables: "
                + similar.stream()
                        .map(match -> match.table().qualified())
                        .sorted()
                        .toList());
    }

    private static List<Match> matches(List<Candidate> candidates, Predicate<String> name) {
        return candidates.stream()
                .flatMap(Candidate::spellings)
                .filter(match -> name.test(match.name()))
                .toList();
    }

    private static String near(String asked, List<Candidate> candidates) {
        String plain = asked.substring(asked.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        return candidates.stream()
                .sorted(Comparator.comparingInt(
                                (Candidate it) -> distance(plain, it.table().toLowerCase(Locale.ROOT)))
                        .thenComparing(Candidate::qualified))
                .limit(SHOWN)
                .map(it -> it.spelled(false))
                .collect(Collectors.joining(", ", "[", "]"));
    }

    /** Fewest letters to add, take away or change (Levenshtein). */
    private static int distance(String left, String right) {
        int[] row = new int[right.length() + 1];
        for (int j = 0; j < row.length; j++) row[j] = j;
        for (int i = 1; i <= left.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int changed = diagonal + (left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(changed, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[right.length()];
    }
}
