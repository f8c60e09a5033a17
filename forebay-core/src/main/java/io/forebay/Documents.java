package io.forebay;

import io.forebay.internal.lifecycle.Engine;
import io.forebay.internal.lifecycle.Write;
import io.forebay.internal.mutation.DocumentSchema;
import io.forebay.internal.mutation.Mutation;
import io.forebay.spi.Bytes;
import io.forebay.spi.RowKey;
import io.forebay.spi.Stage;
import io.forebay.spi.TableDefinition;
import java.util.List;
import java.util.Optional;

/**
 * A collection as its database sees it, for adapters that speak the database's own language: keys, documents and operations
 * are the bytes of the collection's {@link io.forebay.spi.DocumentAlgebra}, keys in their canonical form, documents without
 * their key. Applications use {@link Table} and {@link Row}, and both may be used side by side. Immutable, thread-safe.
 *
 * <p>Every write throws {@link BufferFullException} if there is no room in time, {@link HaltedException} if a newer owner has
 * taken the document's partition, and {@link ForebayClosedException} after the close. The bytes are not looked at before they
 * are merged or flushed: what the database refuses is found in the dead letters.
 */
public final class Documents {
    private final Engine engine;
    private final DocumentSchema schema;
    private final Durability durability;

    Documents(Engine engine, DocumentSchema schema, Durability durability) {
        this.engine = engine;
        this.schema = schema;
        this.durability = durability;
    }

    /** The collection's name. */
    public String name() {
        return definition().info().name();
    }

    /** These documents, with acks that wait for {@code level} instead of the default. */
    public Documents with(Durability level) {
        return new Documents(engine, schema, level);
    }

    /**
     * Inserts a document. One that the database has already is refused at the flush and kept in the dead letters.
     *
     * @throws DuplicateRowException if it is pending as an insert
     */
    public Ack insert(Bytes key, Bytes document) {
        return write(key, schema.inserted(document));
    }

    /** Puts a document in the place of the one with this key; where there is none it is new, or falls to the missing-row policy. */
    public Ack replace(Bytes key, Bytes document, boolean upsert) {
        return write(key, schema.replaced(document, upsert));
    }

    /** Changes the document with this key; where there is none it is made, or the change falls to the missing-row policy. */
    public Ack update(Bytes key, Bytes operations, boolean upsert) {
        return write(key, schema.updated(operations, upsert));
    }

    /** Deletes the document; one that does not exist is no error. */
    public Ack delete(Bytes key) {
        return write(key, schema.delete());
    }

    private Ack write(Bytes key, Stage stage) {
        RowKey row = row(key);
        return engine.write(new Write.ToRow(partition(row), new Mutation(definition(), row, stage)), durability);
    }

    /** Reads the document, exactly, as {@link Row#read}; what the database would refuse of pending operations is left out. */
    public Optional<Bytes> read(Bytes key) {
        RowKey row = row(key);
        return engine.read(definition(), row, partition(row)).map(schema::document);
    }

    private RowKey row(Bytes key) {
        return RowKey.of(name(), List.of(key));
    }

    private int partition(RowKey row) {
        return engine.router().partition(definition(), row, schema.routingIn(row));
    }

    private TableDefinition definition() {
        return schema.definition();
    }
}
