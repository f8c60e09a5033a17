package io.forebay.mongodb;

import io.forebay.mongodb.document.BsonAlgebra;
import io.forebay.spi.Batch;
import io.forebay.spi.Bytes;
import io.forebay.spi.ColumnChange;
import io.forebay.spi.ColumnChange.Operations;
import io.forebay.spi.DeadLetter;
import io.forebay.spi.PendingRow;
import io.forebay.spi.RowKey;
import io.forebay.spi.Stage;
import io.forebay.spi.TableInfo;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.bson.BsonDocument;
import org.bson.BsonValue;

/** One row of a batch on its way through its writes. Not thread-safe. */
final class RowWork {
    private static final int LARGE_BYTES = 8 << 20;

    private final RowKey row;
    private final List<Write> writes;
    private int at;

    private RowWork(RowKey row, List<Write> writes) {
        this.row = row;
        this.writes = List.copyOf(writes);
    }

    /** The rows of a batch, each before its first write. Writes are numbered in their order, the same at every attempt. */
    static List<RowWork> of(Batch batch) {
        List<RowWork> rows = new ArrayList<>(batch.rows().size());
        int ordinal = 0;
        for (PendingRow pending : batch.rows()) {
            RowWork row = of(pending, ordinal);
            ordinal += row.writes.size();
            rows.add(row);
        }
        return rows;
    }

    /** What is known of a write before all of the row's are. */
    private record Part(Write.Kind kind, BsonValue id, BsonDocument content, int bytes, int stageIndex) {}

    /** One row, its writes numbered from {@code ordinal}. */
    static RowWork of(PendingRow pending, int ordinal) {
        Bytes key = (Bytes) pending.key().values().get(0);
        List<Part> parts = new ArrayList<>();
        for (int i = 0; i < pending.stages().size(); i++)
            parts.addAll(parts(key, pending.stages().get(i), i));
        List<Write> writes = new ArrayList<>(parts.size());
        for (Part part : parts) {
            int number = writes.size() + 1;
            Stage stage = pending.stages().get(part.stageIndex());
            boolean isLast = number == parts.size();
            writes.add(new Write(
                    part.kind(),
                    part.id(),
                    part.content(),
                    part.bytes(),
                    ordinal + number - 1,
                    number,
                    isLast,
                    stage,
                    part.stageIndex()));
        }
        return new RowWork(pending.key(), writes);
    }

    private static List<Part> parts(Bytes key, Stage stage, int index) {
        ColumnChange change = stage.columns().get(TableInfo.DOCUMENT);
        if (change instanceof Operations operations) return steps(key, stage.kind(), operations.content(), index);
        if (!(change instanceof ColumnChange.Set set))
            return List.of(new Part(Write.Kind.DELETE, BsonAlgebra.id(key), new BsonDocument(), 0, index));
        Bytes document = (Bytes) Objects.requireNonNull(set.value());
        BsonValue id = BsonAlgebra.id(key, document);
        BsonDocument content = BsonAlgebra.withoutId(document);
        return List.of(new Part(kind(stage.kind()), id, content, document.size(), index));
    }

    private static List<Part> steps(Bytes key, Stage.Kind stage, Bytes operations, int index) {
        Write.Kind kind = stage == Stage.Kind.UPSERT ? Write.Kind.UPSERT : Write.Kind.UPDATE;
        BsonValue id = BsonAlgebra.id(key, operations);
        List<BsonDocument> steps = BsonAlgebra.steps(operations);
        if (steps.isEmpty()) return List.of(new Part(kind, id, new BsonDocument(), 0, index));
        return steps.stream()
                .map(step -> new Part(kind, id, step, bytes(step, operations), index))
                .toList();
    }

    /** A step is not larger than all of them; only where that would be too much it is worth being exact. */
    private static int bytes(BsonDocument step, Bytes operations) {
        if (operations.size() < LARGE_BYTES) return operations.size();
        return BsonAlgebra.document(step).size();
    }

    /** The rows of each collection, in their order. */
    static Map<String, List<RowWork>> byCollection(List<RowWork> rows) {
        Map<String, List<RowWork>> byCollection = new TreeMap<>();
        for (RowWork row : rows)
            byCollection
                    .computeIfAbsent(row.collection(), name -> new ArrayList<>())
                    .add(row);
        return byCollection;
    }

    private static Write.Kind kind(Stage.Kind stage) {
        return switch (stage) {
            case INSERT -> Write.Kind.INSERT;
            case UPDATE -> Write.Kind.REPLACE;
            case UPSERT, REPLACE -> Write.Kind.PUT;
            case DELETE -> Write.Kind.DELETE;
        };
    }

    String collection() {
        return row.table();
    }

    Bytes key() {
        return (Bytes) row.values().get(0);
    }

    boolean isDone() {
        return at == writes.size();
    }

    /** What comes next; not to be asked when all is done. */
    Write write() {
        return writes.get(at);
    }

    void advance() {
        at++;
    }

    /** Passes over several writes. */
    void skip(int count) {
        at += count;
    }

    /** Notes the writes that the server would not take for their size, by their ordinal. */
    void refuseTooLarge(Server server, Map<Integer, Refusal> refused) {
        for (Write write : writes) {
            Refusal tooLarge = server.tooLarge(write);
            if (tooLarge != null) refused.put(write.ordinal(), tooLarge);
        }
    }

    /** Begins from the first write again. */
    void restart() {
        at = 0;
    }

    /** How many writes are left of the stage that is at hand. */
    int leftOfStage() {
        int left = 0;
        for (int i = at; i < writes.size() && writes.get(i).stageIndex() == write().stageIndex(); i++) left++;
        return left;
    }

    /** The next {@code count} writes as what was refused. */
    DeadLetter refused(int count, Refusal why) {
        return new DeadLetter(write().ordinal(), collection(), row, stage(count), why.state(), why.message());
    }

    private Stage stage(int count) {
        Stage whole = write().stage();
        if (!(whole.columns().get(TableInfo.DOCUMENT) instanceof Operations)) return whole;
        Bytes rest = null;
        for (Write write : writes.subList(at, at + count)) {
            Bytes step = operations(write);
            rest = rest == null ? step : new BsonAlgebra().merge(rest, step);
        }
        return new Stage(whole.kind(), Map.of(TableInfo.DOCUMENT, new Operations(Objects.requireNonNull(rest))));
    }

    /** A step came from operations, so it is one that the algebra knows. */
    private static Bytes operations(Write write) {
        return BsonAlgebra.operations(write.id(), write.content(), true, Instant.EPOCH)
                .orElseThrow();
    }
}
