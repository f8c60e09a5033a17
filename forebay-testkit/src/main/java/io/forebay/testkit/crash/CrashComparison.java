package io.forebay.testkit.crash;

import io.forebay.Durability;
import io.forebay.testkit.crash.CrashReport.Finding;
import io.forebay.testkit.crash.CrashReport.Kind;
import io.forebay.testkit.crash.WriteScript.Write;
import io.forebay.testkit.crash.WriterModel.Values;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Looks, for each writer, for the number of writes that explains all it has in the database. */
final class CrashComparison {
    private static final int SHOWN_WRITES = 10;

    private final long seed;
    private final Durability durability;
    private final boolean groups;
    private final boolean keyless;
    private final DatabaseState database;
    private final CrashAccount account;
    private long applied;
    private final long[] hotLeast = new long[WriteScript.HOT_ROWS];
    private final long[] hotMost = new long[WriteScript.HOT_ROWS];

    /** @param keyless whether audit rows have no key, so that they are flushed in their order */
    CrashComparison(
            long seed,
            Durability durability,
            boolean groups,
            boolean keyless,
            DatabaseState database,
            CrashAccount account) {
        this.seed = seed;
        this.durability = durability;
        this.groups = groups;
        this.keyless = keyless;
        this.database = database;
        this.account = account;
    }

    CrashReport atEnd() {
        List<Finding> findings = new ArrayList<>();
        for (CrashAccount.Writer writer : account.writers().values()) findings.addAll(compare(writer));
        findings.addAll(compareHot());
        findings.addAll(strangers());
        if (database.deadLetters() > 0)
            findings.add(new Finding(Kind.WRONG, database.deadLetters() + " dead letters, there was no cause for any"));
        return CrashReport.of(applied, findings);
    }

    CrashReport flushedOnly() {
        List<Finding> findings = new ArrayList<>();
        for (CrashAccount.Writer writer : account.writers().values()) {
            WriteScript script = new WriteScript(seed, writer.id(), groups);
            for (long i = 0; i < writer.lastFlushed(); i++) {
                Write write = script.next();
                if (writer.refused().contains(write.number())) script.refuseLast();
                else if (write.kind() == WriteScript.Kind.AUDIT
                        && (keyless || writer.flushed().contains(write.number()))
                        && !audit(writer).containsKey(write.number()))
                    findings.add(new Finding(
                            Kind.LOST,
                            "audit row %d of %s: acknowledged as flushed".formatted(write.number(), describe(writer))));
            }
        }
        return CrashReport.of(applied, findings);
    }

    /** What is left unexplained by the number of writes that explains most. */
    private List<Finding> compare(CrashAccount.Writer writer) {
        WriteScript script = new WriteScript(seed, writer.id(), groups);
        WriterModel model = new WriterModel();
        long least = leastMade(writer);
        for (long i = 0; i < least; i++) applyNext(script, model, writer);

        List<Finding> best = differences(writer, model);
        long[] fewest = hot(model);
        long[] most = fewest;
        long explained = least;
        for (long made = least + 1; made <= writer.sent(); made++) {
            applyNext(script, model, writer);
            List<Finding> found = differences(writer, model);
            if (found.size() > best.size()) continue;
            if (found.size() < best.size()) fewest = hot(model);
            most = hot(model);
            best = found;
            explained = made;
        }
        applied += explained - writer.refused().headSet(explained + 1).size();
        add(fewest, hotLeast);
        add(most, hotMost);
        return best;
    }

    /** What was refused has changed nothing. */
    private static void applyNext(WriteScript script, WriterModel model, CrashAccount.Writer writer) {
        Write write = script.next();
        if (writer.refused().contains(write.number())) script.refuseLast();
        else model.apply(write);
    }

    /** What a writer has flushed was journaled, and with it all before. */
    private long leastMade(CrashAccount.Writer writer) {
        return durability == Durability.MEMORY ? writer.lastFlushed() : writer.acknowledged();
    }

    private static long[] hot(WriterModel model) {
        long[] sums = new long[WriteScript.HOT_ROWS];
        for (int row = 0; row < sums.length; row++) sums[row] = model.hot(row);
        return sums;
    }

    private static void add(long[] from, long[] to) {
        for (int row = 0; row < to.length; row++) to[row] += from[row];
    }

    private List<Finding> differences(CrashAccount.Writer writer, WriterModel model) {
        List<Finding> findings = new ArrayList<>();
        Map<Long, Values> found = database.rows().getOrDefault(writer.id(), Map.of());
        for (long row : union(found.keySet(), model.rows().keySet())) {
            Values expected = model.rows().get(row);
            Values actual = found.get(row);
            if (!Objects.equals(expected, actual))
                findings.add(new Finding(
                        kind(expected, actual),
                        "row %d of %s: expected %s, found %s; its last writes: %s"
                                .formatted(row, describe(writer), expected, actual, history(writer, row))));
        }
        Map<Long, Integer> audit = audit(writer);
        for (long number : union(audit.keySet(), model.audit())) {
            int expected = model.audit().contains(number) ? 1 : 0;
            int actual = audit.getOrDefault(number, 0);
            if (expected != actual)
                findings.add(new Finding(
                        actual < expected ? Kind.LOST : actual > 1 ? Kind.DOUBLED : Kind.WRONG,
                        "audit row %d of %s: expected %d, found %d"
                                .formatted(number, describe(writer), expected, actual)));
        }
        return findings;
    }

    private static Set<Long> union(Collection<Long> one, Collection<Long> other) {
        Set<Long> all = new TreeSet<>(one);
        all.addAll(other);
        return all;
    }

    private Map<Long, Integer> audit(CrashAccount.Writer writer) {
        return database.audit().getOrDefault(writer.id(), Map.of());
    }

    private static Kind kind(@Nullable Values expected, @Nullable Values actual) {
        if (expected == null) return Kind.WRONG;
        if (actual == null) return Kind.LOST;
        int order = Long.compare(number(actual.hits()), number(expected.hits()));
        if (order == 0) order = Math.min(0, Long.compare(number(actual.lastWrite()), number(expected.lastWrite())));
        if (order == 0) order = Math.min(0, Long.compare(number(actual.peak()), number(expected.peak())));
        return order < 0 ? Kind.LOST : order > 0 ? Kind.DOUBLED : Kind.WRONG;
    }

    private static long number(@Nullable Long value) {
        return value == null ? 0 : value;
    }

    private String describe(CrashAccount.Writer writer) {
        return "writer %d (round %d, acknowledged %d, sent %d, flushed %d)"
                .formatted(
                        writer.id(),
                        CrashWorkload.round(writer.id()),
                        writer.acknowledged(),
                        writer.sent(),
                        writer.lastFlushed());
    }

    private String history(CrashAccount.Writer writer, long row) {
        Deque<Write> last = new ArrayDeque<>();
        WriteScript script = new WriteScript(seed, writer.id(), groups);
        for (long i = 0; i < writer.sent(); i++) {
            Write write = script.next();
            if (writer.refused().contains(write.number())) script.refuseLast();
            else if (write.isOf(row)) last.add(write);
            if (last.size() > SHOWN_WRITES) last.removeFirst();
        }
        return last.stream().map(Write::toString).collect(Collectors.joining(", "));
    }

    /** Every increment of every writer, by the number of writes that the writer's own rows have shown. */
    private List<Finding> compareHot() {
        List<Finding> findings = new ArrayList<>();
        for (int row = 0; row < WriteScript.HOT_ROWS; row++) {
            long found = database.hot().getOrDefault((long) row, 0L);
            if (found >= hotLeast[row] && found <= hotMost[row]) continue;
            findings.add(new Finding(
                    found < hotLeast[row] ? Kind.LOST : Kind.DOUBLED,
                    "hot row %d: expected %d to %d, found %d".formatted(row, hotLeast[row], hotMost[row], found)));
        }
        return findings;
    }

    /** Rows of writers that nobody has heard of. */
    private List<Finding> strangers() {
        List<Finding> findings = new ArrayList<>();
        for (long writer : union(database.rows().keySet(), database.audit().keySet()))
            if (!account.writers().containsKey(writer))
                findings.add(new Finding(Kind.WRONG, "rows of writer " + writer + ", which announced nothing"));
        return findings;
    }
}
