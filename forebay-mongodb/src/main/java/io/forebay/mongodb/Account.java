package io.forebay.mongodb;

import io.forebay.MissingRow;
import io.forebay.spi.Batch;
import io.forebay.spi.BatchResult;
import io.forebay.spi.DeadLetter;
import io.forebay.spi.SchemaFaultException;
import io.forebay.spi.TableDefinition;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What becomes of the writes of one attempt at a batch that are not simply done. Not thread-safe. */
final class Account {
    /** From this many refused rows on, a batch that is mostly refused is a fault of the schema. */
    private static final int FAULT_MIN_ROWS = 20;

    private final Batch batch;
    private final List<DeadLetters.Kept> letters = new ArrayList<>();
    private final Map<String, Set<RowWork>> refused = new HashMap<>();
    private int ignored;
    private int commands;

    Account(Batch batch) {
        this.batch = batch;
    }

    void sent() {
        commands++;
    }

    /** The document of an update does not exist: the rest of its stage has nothing to do, or is a dead letter. */
    void missing(RowWork row) {
        int rest = row.leftOfStage();
        TableDefinition table = batch.tables().get(row.collection());
        if (table != null && table.missingRow() == MissingRow.IGNORE) ignored++;
        else letters.add(new DeadLetters.Kept(row.refused(rest, Refusal.MISSING), rest));
        row.skip(rest);
    }

    /** The server will not have the write, whatever is tried: it is a dead letter, and the row's next ones go on. */
    void refused(RowWork row, Refusal why) {
        letters.add(new DeadLetters.Kept(row.refused(1, why), 1));
        refused.computeIfAbsent(why.state(), state -> new HashSet<>()).add(row);
        row.skip(1);
    }

    /** An earlier attempt has come to one of these ends already. */
    void known(RowWork row, DeadLetters.Kept kept) {
        letters.add(kept);
        row.skip(kept.writes());
    }

    List<DeadLetters.Kept> letters() {
        return List.copyOf(letters);
    }

    BatchResult result() {
        return result(false, letters, ignored, commands);
    }

    static BatchResult alreadyApplied(List<DeadLetters.Kept> letters) {
        return result(true, letters, 0, 0);
    }

    private static BatchResult result(boolean already, List<DeadLetters.Kept> letters, int ignored, int commands) {
        List<DeadLetter> inOrder = letters.stream()
                .map(DeadLetters.Kept::letter)
                .sorted(Comparator.comparingInt(DeadLetter::ordinal))
                .toList();
        return new BatchResult(already, inOrder, ignored, commands);
    }

    /**
     * More than half of the rows, at least twenty, and all for one reason: that is no longer about the documents. Missing
     * documents and duplicates say nothing about the collection.
     */
    void refuseFault() {
        refuseFault(batch, refused);
    }

    static void refuseFault(Batch batch, Map<String, Set<RowWork>> refused) {
        if (refused.size() != 1) return;
        Map.Entry<String, Set<RowWork>> only = refused.entrySet().iterator().next();
        int rows = only.getValue().size();
        if (only.getKey().equals(Refusal.DUPLICATE)) return;
        if (rows >= FAULT_MIN_ROWS && rows * 2L > batch.size())
            throw new SchemaFaultException(
                    "the server refused %d of %d documents, all with code %s"
                            .formatted(rows, batch.size(), only.getKey()),
                    null);
    }
}
