package io.forebay.internal.commit;

import io.forebay.internal.codec.RecordReader;
import io.forebay.internal.codec.RecordVisitor;
import io.forebay.internal.codec.Seal;
import io.forebay.internal.journal.Replay;
import io.forebay.internal.pending.Window;
import io.forebay.spi.PendingAppend;
import io.forebay.spi.PendingRow;
import io.forebay.spi.TableDefinition;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What a journal says when it is read from its oldest segment to its end. */
public final class Recovery implements Replay {
    private final List<PartitionHistory> partitions = new ArrayList<>();
    private final Map<String, TableDefinition> tables = new LinkedHashMap<>();
    private final Map<String, String> sources = new LinkedHashMap<>();
    private final long nowNanos;

    /** @param keepReleased whether windows that are in the database already are kept as well */
    public Recovery(int partitions, long nowNanos, boolean keepReleased) {
        for (int i = 0; i < partitions; i++) this.partitions.add(new PartitionHistory(keepReleased));
        this.nowNanos = nowNanos;
    }

    @Override
    public void checkpoint(ByteBuffer state) {
        RecordReader.read(state, new Visitor(true));
    }

    @Override
    public void frame(ByteBuffer body) {
        RecordReader.read(body, new Visitor(false));
    }

    public PartitionHistory partition(int number) {
        return partitions.get(number);
    }

    /** Every partition's history, by its number. */
    public Map<Integer, PartitionHistory> partitions() {
        return IntStream.range(0, partitions.size()).boxed().collect(Collectors.toMap(i -> i, partitions::get));
    }

    /** Every table the journal's rows may name, by name. */
    public Map<String, TableDefinition> tables() {
        return tables;
    }

    /** How far each source had come. */
    public Map<String, String> sources() {
        return sources;
    }

    private final class Visitor implements RecordVisitor {
        private final boolean checkpoint;

        private Visitor(boolean checkpoint) {
            this.checkpoint = checkpoint;
        }

        @Override
        public void table(TableDefinition table) {
            tables.put(table.info().name(), table);
        }

        @Override
        public void window(int partition, long sequence, List<PendingRow> rows, List<PendingAppend> appends) {
            PartitionHistory history = partitions.get(partition);
            history.add(Window.recovered(partition, sequence, nowNanos, rows, appends));
        }

        @Override
        public void rewritten(
                int partition, long mark, long from, long to, List<PendingRow> rows, List<PendingAppend> appends) {
            PartitionHistory history = partitions.get(partition);
            history.replace(mark, Window.rewritten(partition, from, to, nowNanos, rows, appends));
        }

        @Override
        public void source(String name, String position) {
            sources.put(name, position);
        }

        @Override
        public void seal(Seal seal) {
            partitions.get(seal.partition()).sealed(seal);
        }

        @Override
        public void released(int partition, long upTo, UUID batch) {
            partitions.get(partition).released(upTo, batch);
        }

        @Override
        public void partition(int partition, long lastSequence, long released, @Nullable UUID releasedBatch) {
            if (checkpoint) partitions.get(partition).checkpoint(lastSequence, released, releasedBatch);
        }
    }
}
