package io.forebay.mongodb.client;

import io.forebay.spi.BaseRow;
import io.forebay.spi.Batch;
import io.forebay.spi.BatchResult;
import io.forebay.spi.Refused;
import io.forebay.spi.RowKey;
import io.forebay.spi.Sink;
import io.forebay.spi.TableInfo;
import io.forebay.spi.TransientSinkException;
import io.forebay.spi.Watermark;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A sink that fails when it is told to: before a batch was applied, or after, when nobody learns that it was. */
final class FailingSink implements Sink {
    private final Sink sink;
    private volatile String indescribable = "";
    private volatile BooleanSupplier fails = () -> false;

    FailingSink(Sink sink) {
        this.sink = sink;
    }

    /** One time in six, before or after. */
    FailingSink sometimes(long seed) {
        Random random = new Random(seed);
        fails = () -> random.nextInt(6) == 0;
        return this;
    }

    void refuses(boolean always) {
        fails = () -> always;
    }

    @Override
    public BatchResult apply(Batch batch) {
        if (fails.getAsBoolean()) throw new TransientSinkException("not delivered", null);
        BatchResult result = sink.apply(batch);
        if (fails.getAsBoolean()) throw new TransientSinkException("the reply was lost", null);
        return result;
    }

    @Override
    public String description() {
        return sink.description();
    }

    @Override
    public UUID attach(UUID journal, int partitions, @Nullable UUID expected) {
        return sink.attach(journal, partitions, expected);
    }

    /** Finds a collection to be one that cannot be buffered. */
    void cannotDescribe(String table) {
        indescribable = table;
    }

    @Override
    public TableInfo describe(String table) {
        if (table.equals(indescribable)) throw new IllegalArgumentException("it is a view");
        return sink.describe(table);
    }

    @Override
    public Watermark own(UUID journal, int partition) {
        return sink.own(journal, partition);
    }

    @Override
    public BaseRow read(UUID journal, int partition, TableInfo table, RowKey key) {
        return sink.read(journal, partition, table, key);
    }

    @Override
    public List<Watermark> watermarks(UUID journal) {
        return sink.watermarks(journal);
    }

    @Override
    public List<Refused> refused(UUID journal, int partition, long above) {
        return sink.refused(journal, partition, above);
    }

    @Override
    public void abort(UUID journal, int partition) {
        sink.abort(journal, partition);
    }

    @Override
    public void close() {
        sink.close();
    }
}
