package io.forebay.mongodb;

import com.mongodb.MongoBulkWriteException;
import com.mongodb.MongoException;
import com.mongodb.MongoServerException;
import com.mongodb.MongoWriteConcernException;
import com.mongodb.bulk.BulkWriteError;
import io.forebay.spi.SchemaFaultException;
import io.forebay.spi.SinkException;
import io.forebay.spi.TransientSinkException;
import java.util.Set;

/** Tells errors apart: those that may pass, those of one document, and those of the whole. */
final class Errors {
    /** Codes of the server that say nothing about what was asked: elections, shutdowns, locks, limits of time and space. */
    private static final Set<Integer> PASSING = Set.of(
            6, 7, 24, 43, 46, 50, 63, 64, 89, 91, 112, 117, 133, 134, 136, 150, 175, 189, 202, 234, 237, 246, 251, 262,
            267, 290, 311, 317, 358, 384, 9001, 10058, 10107, 11600, 11601, 11602, 13388, 13435, 13436, 14031, 16500,
            91331);

    /** A serialization failure (40001) and a deadlock (40P01) of PostgreSQL, as DocumentDB tells them. */
    private static final Set<Integer> PASSING_OF_POSTGRES = Set.of(16_777_220, 16_908_292);

    /** Codes that are about the collection or the user, not about a document. */
    private static final Set<Integer> OF_THE_WHOLE = Set.of(8, 13, 18, 20, 26, 59, 73, 166, 263, 8000);

    private static final int DUPLICATE_KEY = 11000;

    private Errors() {}

    static boolean passes(int code) {
        return PASSING.contains(code) || PASSING_OF_POSTGRES.contains(code);
    }

    static boolean isOfTheWhole(int code) {
        return OF_THE_WHOLE.contains(code);
    }

    /** Whether the same may succeed later. Whatever does not come from a server's judgement may: networks, timeouts. */
    static boolean passes(MongoException error) {
        if (error.hasErrorLabel(MongoException.TRANSIENT_TRANSACTION_ERROR_LABEL)
                || error.hasErrorLabel(MongoException.UNKNOWN_TRANSACTION_COMMIT_RESULT_LABEL)
                || error.hasErrorLabel("RetryableWriteError")) return true;
        if (error instanceof MongoBulkWriteException bulk)
            return bulk.getWriteConcernError() != null
                    || bulk.getWriteErrors().stream()
                            .mapToInt(BulkWriteError::getCode)
                            .anyMatch(Errors::passes);
        if (error instanceof MongoServerException && !(error instanceof MongoWriteConcernException))
            return passes(error.getCode());
        return true;
    }

    /** The error as the engine understands it. Where Forebay's own documents are made, somebody else may make them as well. */
    static SinkException translate(String doing, MongoException error) {
        String message = doing + ": " + error.getMessage();
        return passes(error) || error.getCode() == DUPLICATE_KEY
                ? new TransientSinkException(message, error)
                : new SchemaFaultException(message, error);
    }
}
