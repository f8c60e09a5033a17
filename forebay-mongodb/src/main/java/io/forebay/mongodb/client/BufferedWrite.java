package io.forebay.mongodb.client;

import io.forebay.Ack;
import io.forebay.Documents;
import io.forebay.spi.Bytes;
import org.bson.BsonValue;

/** A write of one document, by its key, that the buffer can take. */
sealed interface BufferedWrite {
    Ack to(Documents documents);

    /** @param id the {@code _id} that the caller is told */
    record Insert(Bytes key, BsonValue id, Bytes document) implements BufferedWrite {
        @Override
        public Ack to(Documents documents) {
            return documents.insert(key, document);
        }
    }

    record Replace(Bytes key, Bytes document, boolean upsert) implements BufferedWrite {
        @Override
        public Ack to(Documents documents) {
            return documents.replace(key, document, upsert);
        }
    }

    record Update(Bytes key, Bytes operations, boolean upsert) implements BufferedWrite {
        @Override
        public Ack to(Documents documents) {
            return documents.update(key, operations, upsert);
        }
    }

    record Delete(Bytes key) implements BufferedWrite {
        @Override
        public Ack to(Documents documents) {
            return documents.delete(key);
        }
    }
}
