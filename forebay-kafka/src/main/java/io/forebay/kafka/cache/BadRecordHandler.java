package io.forebay.kafka.cache;

import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts bad records, and does with them what was asked for. One thread. */
final class BadRecordHandler implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BadRecordHandler.class);

    private final String name;
    private final BadRecords policy;
    private final DeadLetters deadLetters;
    private final Counters counters;
    private boolean logged;

    BadRecordHandler(String name, BadRecords policy, DeadLetters deadLetters, Counters counters) {
        this.name = name;
        this.policy = policy;
        this.deadLetters = deadLetters;
        this.counters = counters;
    }

    /**
     * Handles one.
     *
     * @throws CacheStoppedException if the cache is to end there
     */
    void handle(ConsumerRecord<byte[], byte[]> record, BadRecordException problem) {
        (problem.isRejected() ? counters.rejected : counters.poison).increment();
        String what = "%s: bad record at partition %d, offset %d: %s"
                .formatted(name, record.partition(), record.offset(), problem.getMessage());
        if (policy instanceof BadRecords.Fail) throw new CacheStoppedException(what, problem);
        if (policy instanceof BadRecords.DeadLetter letter) deadLetters.send(letter.topic(), record, problem);
        if (logged) LOG.debug("{}", what);
        else LOG.warn("{}; further ones are counted, and logged at debug level", what);
        logged = true;
    }

    /** Waits until Kafka has all dead letters; the position moves only then. */
    void settle() throws InterruptedException, ExecutionException {
        deadLetters.settle();
    }

    @Override
    public void close() {
        deadLetters.close();
    }
}
