package io.forebay.internal.mutation;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A small immutable map from column name to {@code V}, in ascending order of names: two arrays, the names shared between
 * maps of one shape. There are millions of these in a full buffer.
 */
public final class Columns<V extends @Nullable Object> extends AbstractMap<String, V> {
    private static final Columns<?> EMPTY = new Columns<>(new String[0], new Object[0]);

    private final String[] names;
    private final @Nullable Object[] values;

    private Columns(String[] names, @Nullable Object[] values) {
        this.names = names;
        this.values = values;
    }

    /** The map without columns. */
    @SuppressWarnings("unchecked") // holds nothing
    public static <V extends @Nullable Object> Columns<V> empty() {
        return (Columns<V>) EMPTY;
    }

    /** One column. */
    public static <V extends @Nullable Object> Columns<V> of(String name, V value) {
        return new Columns<>(new String[] {name}, new @Nullable Object[] {value});
    }

    /**
     * Columns that come in order.
     *
     * @throws IllegalArgumentException if the names do not ascend
     */
    public static <V extends @Nullable Object> Columns<V> ascending(String[] names, V[] values) {
        for (int i = 1; i < names.length; i++)
            if (names[i - 1].compareTo(names[i]) >= 0)
                throw new IllegalArgumentException(
                        "columns are out of order: %s before %s".formatted(names[i - 1], names[i]));
        return new Columns<>(names, values);
    }

    /** A copy of any map; itself if it is one of these already. */
    public static <V extends @Nullable Object> Columns<V> copyOf(Map<String, V> source) {
        if (source instanceof Columns<V> columns) return columns;
        String[] names = new String[source.size()];
        @Nullable Object[] values = new @Nullable Object[names.length];
        int i = 0;
        for (Entry<String, V> entry : new TreeMap<>(source).entrySet()) {
            names[i] = entry.getKey();
            values[i++] = entry.getValue();
        }
        return new Columns<>(names, values);
    }

    /** This map with one column more, or with another value for it. */
    public Columns<V> with(String name, V value) {
        int at = indexOf(name);
        if (at >= 0) {
            @Nullable Object[] changed = values.clone();
            changed[at] = value;
            return new Columns<>(names, changed);
        }
        int gap = -at - 1;
        String[] moreNames = Arrays.copyOf(names, names.length + 1);
        @Nullable Object[] moreValues = Arrays.copyOf(values, values.length + 1);
        System.arraycopy(names, gap, moreNames, gap + 1, names.length - gap);
        System.arraycopy(values, gap, moreValues, gap + 1, values.length - gap);
        moreNames[gap] = name;
        moreValues[gap] = value;
        return new Columns<>(moreNames, moreValues);
    }

    private int indexOf(String name) {
        if (names.length == 1 && names[0].equals(name)) return 0;
        return Arrays.binarySearch(names, name);
    }

    @Override
    @SuppressWarnings("unchecked") // only V goes in
    public @Nullable V get(@Nullable Object name) {
        int at = name instanceof String text ? indexOf(text) : -1;
        return at < 0 ? null : (V) values[at];
    }

    @Override
    public boolean containsKey(@Nullable Object name) {
        return name instanceof String text && indexOf(text) >= 0;
    }

    @Override
    public int size() {
        return names.length;
    }

    @Override
    public Set<Entry<String, V>> entrySet() {
        return new AbstractSet<>() {
            @Override
            public Iterator<Entry<String, V>> iterator() {
                return new EntryIterator();
            }

            @Override
            public int size() {
                return names.length;
            }
        };
    }

    private final class EntryIterator implements Iterator<Entry<String, V>> {
        private int next;

        @Override
        public boolean hasNext() {
            return next < names.length;
        }

        @Override
        @SuppressWarnings("unchecked") // only V goes in
        public Entry<String, V> next() {
            if (!hasNext()) throw new NoSuchElementException();
            return new SimpleImmutableEntry<>(names[next], (V) values[next++]);
        }
    }
}
