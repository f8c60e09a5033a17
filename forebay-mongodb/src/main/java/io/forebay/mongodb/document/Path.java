package io.forebay.mongodb.document;

import java.util.List;

/** A dotted path to a field: {@code stats.views}, {@code tags.0}. In the order in which one update makes new fields. */
record Path(String dotted, List<String> parts) implements Comparable<Path> {
    Path {
        parts = List.copyOf(parts);
    }

    static Path of(String dotted) {
        return new Path(dotted, List.of(dotted.split("\\.", -1)));
    }

    /** Whether it names a field outright: no empty part, none of the server's placeholders, not in {@code _id}. */
    boolean isPlain() {
        return parts.stream().noneMatch(part -> part.isEmpty() || part.startsWith("$") || part.indexOf('\0') >= 0)
                && !parts.get(0).equals("_id");
    }

    boolean isTop() {
        return parts.size() == 1;
    }

    /** Whether one update may not change both: they are the same, or one leads into the other. */
    boolean conflicts(Path other) {
        int common = Math.min(parts.size(), other.parts.size());
        return parts.subList(0, common).equals(other.parts.subList(0, common));
    }

    @Override
    public int compareTo(Path other) {
        int common = Math.min(parts.size(), other.parts.size());
        for (int i = 0; i < common; i++) {
            int result = compare(parts.get(i), other.parts.get(i));
            if (result != 0) return result;
        }
        return Integer.compare(parts.size(), other.parts.size());
    }

    private static int compare(String a, String b) {
        if (isIndex(a) && isIndex(b) && a.length() != b.length()) return Integer.compare(a.length(), b.length());
        return a.compareTo(b);
    }

    /** Whether a part can be the index of an array: digits, without a leading zero. */
    static boolean isIndex(String part) {
        return part.equals("0")
                || !part.isEmpty()
                        && part.charAt(0) != '0'
                        && part.chars().allMatch(character -> character >= '0' && character <= '9');
    }
}
