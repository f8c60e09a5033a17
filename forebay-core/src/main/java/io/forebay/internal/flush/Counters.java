package io.forebay.internal.flush;

import io.forebay.spi.Batch;
import io.forebay.spi.BatchResult;
import java.util.concurrent.atomic.LongAdder;

/** What the flushes of one database have done so far. Thread-safe. */
public final class Counters {
    public final LongAdder mutations = new LongAdder();
    public final LongAdder rows = new LongAdder();
    public final LongAdder batches = new LongAdder();
    public final LongAdder statements = new LongAdder();
    public final LongAdder retries = new LongAdder();
    public final LongAdder deadLetters = new LongAdder();
    public final LongAdder ignored = new LongAdder();
    public final LongAdder revived = new LongAdder();

    void flushed(Batch batch, BatchResult result) {
        rows.add(batch.size());
        batches.increment();
        statements.add(result.statements());
        deadLetters.add(result.deadLetters().size());
        ignored.add(result.ignored());
    }
}
