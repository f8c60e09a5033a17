package io.forebay.testkit;

import io.forebay.spi.BaseRow;
import io.forebay.spi.Batch;
import io.forebay.spi.BatchResult;
import io.forebay.spi.DeadLetter;
import io.forebay.spi.FencedException;
import io.forebay.spi.MismatchException;
import io.forebay.spi.PendingAppend;
import io.forebay.spi.PendingRow;
import io.forebay.spi.Refused;
import io.forebay.spi.RowKey;
import io.forebay.spi.Sink;
import io.forebay.spi.Stage;
import io.forebay.spi.TableDefinition;
import io.forebay.spi.TableInfo;
import io.forebay.spi.TransientSinkException;
import io.forebay.spi.Watermark;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A sink into memory with the transactions of a database: for tests of what stands before a sink. It can be taken away,
 * made to lose its reply after the commit, and put back to an earlier state. Survives the {@link io.forebay.Forebay} that
 * uses it, as a database does. Thread-safe.
 */
public final class MemorySink implements Sink {
    private State state = new State(); // guarded by this, as all below
    private boolean away;
    private boolean loseNextReply;
    private int commits;

    /** What a transaction changes; replaced as a whole at each commit, so that a copy is a backup. */
    private static final class State {
        private final UUID id;
        private final Map<String, ModelTable> tables = new HashMap<>();
        private final Map<Lane, Watermark> watermarks = new HashMap<>();
        private final List<DeadLetter> deadLetters = new ArrayList<>();
        private final Map<Lane, List<Refused>> refusedBatches = new HashMap<>();
        private final Map<UUID, List<DeadLetter>> refused = new HashMap<>();

        private State() {
            this(UUID.randomUUID());
        }

        private State(UUID id) {
            this.id = id;
        }

        private State copy() {
            State copy = new State(id);
            tables.forEach((name, table) -> copy.tables.put(name, table.copy()));
            copy.watermarks.putAll(watermarks);
            copy.deadLetters.addAll(deadLetters);
            refusedBatches.forEach((lane, letters) -> copy.refusedBatches.put(lane, new ArrayList<>(letters)));
            copy.refused.putAll(refused);
            return copy;
        }
    }

    private record Lane(UUID journal, int partition) {}

    /** A state of the whole database, to go back to. */
    public final class Backup {
        private final State saved;

        private Backup(State saved) {
            this.saved = saved;
        }

        /** Puts the database back to this state; the newer ones are gone. */
        public void restore() {
            synchronized (MemorySink.this) {
                state = saved.copy();
            }
        }
    }

    /** Makes a table, empty. */
    public synchronized MemorySink create(TableInfo table) {
        state.tables.put(table.name(), new ModelTable(table));
        return this;
    }

    /** Lets every call fail as one to a database that is down, until it is back. */
    public synchronized void away(boolean isAway) {
        away = isAway;
    }

    /** Lets the next batch be committed and its caller be told otherwise: a connection lost after COMMIT. */
    public synchronized void loseNextReply() {
        loseNextReply = true;
    }

    /** Saves the present state. */
    public synchronized Backup backup() {
        return new Backup(state.copy());
    }

    /** A copy of a table as it is. */
    public synchronized ModelTable table(String name) {
        return existing(name).copy();
    }

    /** What was refused so far. */
    public synchronized List<DeadLetter> deadLetters() {
        return List.copyOf(state.deadLetters);
    }

    /** Batches committed so far. */
    public synchronized int commits() {
        return commits;
    }

    @Override
    public String description() {
        return "memory";
    }

    @Override
    public synchronized UUID attach(UUID journal, int partitions, @Nullable UUID expected) {
        checkThere();
        boolean known = state.watermarks.containsKey(new Lane(journal, 0));
        if (expected != null && (!expected.equals(state.id) || !known))
            throw new MismatchException(
                    "memory %s is not %s, or does not know the journal".formatted(state.id, expected), null);
        for (int p = 0; p < partitions; p++)
            state.watermarks.putIfAbsent(new Lane(journal, p), new Watermark(0, 0, null));
        return state.id;
    }

    @Override
    public synchronized TableInfo describe(String table) {
        checkThere();
        return existing(table).info();
    }

    private ModelTable existing(String table) {
        ModelTable found = state.tables.get(table);
        if (found == null) throw new IllegalArgumentException("there is no table " + table);
        return found;
    }

    @Override
    public synchronized Watermark own(UUID journal, int partition) {
        checkThere();
        Watermark now = watermark(journal, partition);
        Watermark taken = new Watermark(now.epoch() + 1, now.sequence(), now.batch());
        state.watermarks.put(new Lane(journal, partition), taken);
        return taken;
    }

    /** Takes every partition of every journal, as a newer owner does. */
    public synchronized void ownAll() {
        state.watermarks.replaceAll((lane, at) -> new Watermark(at.epoch() + 1, at.sequence(), at.batch()));
    }

    private Watermark watermark(UUID journal, int partition) {
        Watermark watermark = state.watermarks.get(new Lane(journal, partition));
        if (watermark == null) throw new MismatchException("memory does not know journal " + journal, null);
        return watermark;
    }

    @Override
    public synchronized BatchResult apply(Batch batch) {
        checkThere();
        Watermark now = watermark(batch.journal(), batch.partition());
        if (now.epoch() > batch.epoch()) throw new FencedException("epoch " + now.epoch() + " has begun", null);
        if (now.sequence() != batch.from()) return resolve(batch, now);

        State next = state.copy();
        BatchResult result = write(batch, next);
        next.watermarks.put(
                new Lane(batch.journal(), batch.partition()), new Watermark(now.epoch(), batch.to(), batch.id()));
        state = next;
        commits++;
        if (!loseNextReply) return result;
        loseNextReply = false;
        throw new TransientSinkException("the reply to COMMIT was lost", null);
    }

    private BatchResult resolve(Batch batch, Watermark now) {
        if (batch.id().equals(now.batch()))
            return new BatchResult(true, state.refused.getOrDefault(batch.id(), List.of()), 0, 0);
        throw new MismatchException(
                "the watermark is %d, the batch begins at %d".formatted(now.sequence(), batch.from()), null);
    }

    private static BatchResult write(Batch batch, State next) {
        List<DeadLetter> refused = new ArrayList<>();
        int levels =
                batch.rows().stream().mapToInt(row -> row.stages().size()).max().orElse(0);
        for (int level = 0; level < levels; level++)
            for (PendingRow row : batch.rows())
                if (level < row.stages().size()) write(row.key(), row.stages().get(level), batch, next, refused);
        for (PendingAppend append : batch.appends()) table(next, append.table()).append(append);
        next.deadLetters.addAll(refused);
        next.refused.put(batch.id(), List.copyOf(refused));
        List<Refused> letters = next.refusedBatches.computeIfAbsent(
                new Lane(batch.journal(), batch.partition()), lane -> new ArrayList<>());
        for (DeadLetter letter : refused) letters.add(new Refused(batch.from(), batch.to(), letter));
        return new BatchResult(false, refused, 0, levels);
    }

    private static void write(RowKey key, Stage stage, Batch batch, State next, List<DeadLetter> refused) {
        TableDefinition definition = batch.tables().get(key.table());
        if (definition == null) throw new IllegalStateException("the batch does not define " + key.table());
        Optional<String> refusal = table(next, key.table()).apply(key, stage, definition.missingRow());
        refusal.ifPresent(sqlState ->
                refused.add(new DeadLetter(refused.size(), key.table(), key, stage, sqlState, "refused by the model")));
    }

    private static ModelTable table(State state, String name) {
        ModelTable table = state.tables.get(name);
        if (table == null) throw new IllegalStateException("no table " + name);
        return table;
    }

    @Override
    public synchronized BaseRow read(UUID journal, int partition, TableInfo table, RowKey key) {
        checkThere();
        return new BaseRow(
                watermark(journal, partition).sequence(), existing(table.name()).row(key));
    }

    @Override
    public synchronized List<Watermark> watermarks(UUID journal) {
        checkThere();
        List<Watermark> watermarks = new ArrayList<>();
        for (int p = 0; state.watermarks.containsKey(new Lane(journal, p)); p++) watermarks.add(watermark(journal, p));
        return watermarks;
    }

    @Override
    public synchronized List<Refused> refused(UUID journal, int partition, long above) {
        checkThere();
        return state.refusedBatches.getOrDefault(new Lane(journal, partition), List.of()).stream()
                .filter(one -> one.to() > above)
                .toList();
    }

    private void checkThere() {
        if (away) throw new TransientSinkException("memory is away", null);
    }

    @Override
    public void abort(UUID journal, int partition) {
        // a call never hangs here
    }

    @Override
    public void close() {
        // stays, as a database does
    }
}
