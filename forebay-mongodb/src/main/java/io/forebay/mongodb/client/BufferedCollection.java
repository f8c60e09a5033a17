package io.forebay.mongodb.client;

import com.mongodb.MongoNamespace;
import io.forebay.Ack;
import io.forebay.Documents;
import io.forebay.DuplicateRowException;
import io.forebay.ForebayException;
import io.forebay.mongodb.document.BsonAlgebra;
import io.forebay.spi.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.bson.BsonDocument;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One collection that is buffered, in terms of BSON. Thread-safe. */
final class BufferedCollection {
    private static final Logger LOG = LoggerFactory.getLogger(BufferedCollection.class);

    private final Buffer buffer;
    private final MongoNamespace name;
    private final Supplier<Documents> opening;
    private volatile @Nullable Opened opened;

    /** @param documents null if the collection cannot be buffered */
    private record Opened(@Nullable Documents documents) {}

    /** @param opening asks the server for the collection; done at the first write or read by {@code _id} */
    BufferedCollection(Buffer buffer, MongoNamespace name, Supplier<Documents> opening) {
        this.buffer = buffer;
        this.name = name;
        this.opening = opening;
    }

    Buffer buffer() {
        return buffer;
    }

    /**
     * Whether the server's collection can be buffered: no view, not capped, without a collation of its own.
     *
     * @throws IllegalArgumentException if it cannot and was named in the options
     */
    boolean canBeBuffered() {
        return opened().documents != null;
    }

    private Opened opened() {
        Opened known = opened;
        if (known == null) opened = known = open();
        return known;
    }

    private Opened open() {
        try {
            return new Opened(opening.get());
        } catch (IllegalArgumentException e) {
            if (buffer.options().isNamed(name)) throw e;
            LOG.warn("{} passes through: {}", name, e.getMessage());
            return new Opened(null);
        } catch (ForebayException e) {
            throw Buffer.asDriverException(e);
        }
    }

    private Documents documents() {
        Documents documents = opened().documents;
        if (documents == null) throw new IllegalStateException(name + " is not buffered");
        return documents;
    }

    /**
     * Takes writes in their order.
     *
     * @param ordered whether those behind a duplicate are left out
     * @param waits whether to wait until they are as durable as the options ask for
     * @return those that insert a key that is pending as an insert, by their place, each with what is wrong
     */
    SortedMap<Integer, String> write(List<BufferedWrite> writes, boolean ordered, boolean waits) {
        SortedMap<Integer, String> duplicates = new TreeMap<>();
        List<Ack> acks = new ArrayList<>(writes.size());
        try {
            for (int i = 0; i < writes.size() && (!ordered || duplicates.isEmpty()); i++) {
                try {
                    acks.add(writes.get(i).to(documents()));
                } catch (DuplicateRowException e) {
                    duplicates.put(i, e.getMessage());
                }
            }
            buffer.took(acks.size());
            if (waits) acks.forEach(Ack::await);
        } catch (ForebayException e) {
            throw Buffer.asDriverException(e);
        }
        return duplicates;
    }

    /** The document as it will be once everything pending is flushed. */
    Optional<BsonDocument> read(Bytes key) {
        try {
            return documents().read(key).map(document -> BsonAlgebra.withId(key, document));
        } catch (ForebayException e) {
            throw Buffer.asDriverException(e);
        }
    }
}
