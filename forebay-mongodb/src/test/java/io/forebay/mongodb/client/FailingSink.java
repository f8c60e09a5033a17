package io.forebay.mongodb.client;

import io.forebay.spi.Batch;
import io.forebay.spi.BatchResult;
import io.forebay.spi.ForwardingSink;
import io.forebay.spi.Sink;
import io.forebay.spi.TableInfo;
import io.forebay.spi.TransientSinkException;
import java.util.Random;
import java.util.function.BooleanSupplier;

/** A sink that fails when it is told to: before a batch was applied, or after, when nobody learns that it was. */
final class FailingSink extends ForwardingSink {
    private volatile String indescribable = "";
    private volatile BooleanSupplier fails = () -> false;

    FailingSink(Sink sink) {
        super(sink);
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
        BatchResult result = super.apply(batch);
        if (fails.getAsBoolean()) throw new TransientSinkException("the reply was lost", null);
        return result;
    }

    /** Finds a collection to be one that cannot be buffered. */
    void cannotDescribe(String table) {
        indescribable = table;
    }

    @Override
    public TableInfo describe(String table) {
        if (table.equals(indescribable)) throw new IllegalArgumentException("it is a view");
        return super.describe(table);
    }
}
