package io.forebay.spi;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How changes of a document are merged and laid over it, for databases whose rows are documents without fixed columns.
 * Documents, keys and operations are bytes whose form only the algebra knows; they are journaled as they are, so every
 * version of it must read what earlier ones wrote. Pure and thread-safe; found by {@link java.util.ServiceLoader}, because a
 * journal is read again when the database is away.
 *
 * <p>A document is held without its key. For every document {@code d} and operations {@code a}, {@code b}, {@code c} of it
 * that the database takes, {@code merge} is associative, and
 *
 * <pre>
 * apply(apply(d, a), b) = apply(d, merge(a, b))
 * apply(create(a), b)   = create(merge(a, b))
 * </pre>
 *
 * <p>By the second law, what {@code b} would do only to a new document is not in {@code merge(a, b)}: behind {@code a} there
 * is none. Operations may be a list of steps that the database takes one after the other; a step is refused as a whole.
 */
public interface DocumentAlgebra {
    /** The name under which it is remembered beside the journal: {@code bson}. */
    String name();

    /**
     * The canonical form of a key: equal for two values exactly if the database takes them for the same key.
     *
     * @throws IllegalArgumentException if no document can have it
     */
    Bytes key(Object value);

    /** The canonical form of a key that no other document has. */
    Bytes newKey();

    /**
     * The document with these fields, in the order given; a field that is the key is left out.
     *
     * @throws IllegalArgumentException if a name or a value does not fit; the message says what would
     */
    Bytes document(Map<String, ? extends @Nullable Object> fields);

    /** Operations that set these fields; otherwise as {@link #document}. */
    Bytes set(Map<String, ? extends @Nullable Object> fields);

    /** Operations that add to a number, which counts as zero where it is missing. */
    Bytes increment(String field, Number delta);

    /** Operations that raise a value to at least this one. */
    Bytes max(String field, Object value);

    /** Operations that lower a value to at most this one. */
    Bytes min(String field, Object value);

    /** Operations that do what {@code older} and then {@code newer} do. */
    Bytes merge(Bytes older, Bytes newer);

    /** The document after the operations; what they do only to a new document is not done. */
    Outcome apply(Bytes document, Bytes operations);

    /** The document that the operations make where there is none. */
    Outcome create(Bytes operations);

    /** The fields of a document, its key among them, as Java values, in their order. */
    Map<String, @Nullable Object> fields(Bytes key, Bytes document);

    /**
     * What operations make of a document.
     *
     * @param document with everything done that the database takes; what it would refuse has changed nothing
     * @param exact whether the database is certain to make the same of it, and refuses nothing. If not, the operations are
     *     kept apart from what they would be merged into, so that the flush says what becomes of them
     */
    record Outcome(Bytes document, boolean exact) {}
}
