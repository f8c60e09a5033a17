package io.forebay.jdbc;

import io.forebay.MissingRow;
import io.forebay.jdbc.Shape.Operation;
import io.forebay.spi.DeadLetter;
import io.forebay.spi.SchemaFaultException;
import io.forebay.spi.Stage;
import io.forebay.spi.TableInfo;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Brings rows through their stages within the session's transaction, sending what has one shape together.
 *
 * <p>It goes level by level: the first stage of every row, then the second, and so on; within a level parents before
 * children, and deletes last, children first.
 *
 * <p>There are two ways. The careful one locks all rows first and sends every group under a savepoint. If the database
 * refuses a group, halves of it are sent until the rows at fault are found; those wait until everything else is done,
 * because what they collide with may go away (a unique value that a later delete frees). Only when a pass over the waiting
 * rows gets none of them any further is the stage they are at given up as a dead letter, and their next stages go on. The
 * swift way does without savepoints, and without the lock where one statement can both lock and write. It serves the
 * batches with which nothing is wrong; the others are begun anew.
 */
final class RowWriter {
    /** Most rows in one statement; to be measured. */
    private static final int CHUNK_ROWS = 10_000;
    /** How often rows may appear or vanish under our own statements before that counts as a fault. */
    private static final int MAX_SURPRISES = 100;
    /** SQLSTATE of an update of a row that does not exist. */
    static final String MISSING = "02000";
    /** SQLSTATE of an insert of a row that exists. */
    private static final String DUPLICATE = "23505";

    private final Session session;
    private final Dialect dialect;
    private final Tables tables;
    private final TableOrder order;
    private final Function<String, MissingRow> missingRow;

    private final List<DeadLetter> deadLetters = new ArrayList<>();
    private final Map<RowWork, Refusal> parked = new HashMap<>();
    private final Map<String, Set<RowWork>> refusedByState = new HashMap<>();
    private int ignored;
    private int steps;
    private int surprises;
    private boolean swift;

    /** Why the database refused a row. */
    private record Refusal(String state, String message) {}

    /** The swift way has come to its end before the batch has. */
    private static final class NotSwiftException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NotSwiftException(@Nullable SQLException cause) {
            super(cause);
        }
    }

    /** Rows that are sent together. */
    private record Group(Shape shape, List<RowWork> rows) {}

    RowWriter(
            Session session,
            Dialect dialect,
            Tables tables,
            Collection<TableInfo> infos,
            Function<String, MissingRow> missingRow) {
        this.session = session;
        this.dialect = dialect;
        this.tables = tables;
        this.order = new TableOrder(infos);
        this.missingRow = missingRow;
    }

    /** What was refused, numbered from 0. */
    List<DeadLetter> deadLetters() {
        return List.copyOf(deadLetters);
    }

    /** Updates of missing rows that their table's policy drops. */
    int ignored() {
        return ignored;
    }

    /** Rows that ended in the dead letters because of an error of the database, by SQLSTATE. */
    Map<String, Integer> refusedRows() {
        Map<String, Integer> counts = new TreeMap<>();
        refusedByState.forEach((state, rows) -> counts.put(state, rows.size()));
        return counts;
    }

    /**
     * Writes rows, then appends.
     *
     * @param rows in the order of their keys, each once
     * @param appends in the order they were written
     */
    void write(List<RowWork> rows, List<RowWork> appends) throws SQLException {
        lock(rows);
        writeLocked(rows, appends);
    }

    /**
     * The same without savepoints. Returns false if the database refused something, or changed what it was not sent; then
     * the transaction has to be rolled back, and another writer to take the careful way.
     */
    boolean writeSwiftly(List<RowWork> rows, List<RowWork> appends) throws SQLException {
        swift = true;
        try {
            for (Map.Entry<String, List<RowWork>> entry : byTable(rows).entrySet())
                if (!updateAtOnce(entry.getKey(), entry.getValue())) locate(entry.getKey(), entry.getValue());
            writeLocked(rows.stream().filter(row -> !row.isDone()).toList(), appends);
            return true;
        } catch (NotSwiftException e) {
            return false;
        }
    }

    private void writeLocked(List<RowWork> rows, List<RowWork> appends) throws SQLException {
        List<RowWork> waiting = new ArrayList<>(pass(rows));
        waiting.addAll(pass(appends));
        while (!waiting.isEmpty()) waiting = retry(waiting);
    }

    private List<RowWork> retry(List<RowWork> waiting) throws SQLException {
        lock(waiting.stream().filter(row -> !row.isAppend()).toList()); // rows may have come or gone by cascades
        int before = steps;
        List<RowWork> still = pass(waiting);
        if (steps > before) return still;
        for (RowWork row : still) giveUp(row);
        return still.stream().filter(row -> !row.isDone()).toList();
    }

    private void giveUp(RowWork row) {
        Refusal refusal = parked.getOrDefault(row, new Refusal("", ""));
        refusedByState
                .computeIfAbsent(refusal.state(), state -> new HashSet<>())
                .add(row);
        deadLetter(row, refusal.state(), refusal.message());
    }

    private void deadLetter(RowWork row, String state, String message) {
        deadLetters.add(new DeadLetter(deadLetters.size(), row.table(), row.key(), row.stage(), state, message));
        row.advance();
    }

    /** Brings every row as far as it gets; returns those that were refused on the way. */
    private List<RowWork> pass(List<RowWork> rows) throws SQLException {
        parked.clear();
        List<RowWork> active = rows;
        while (!active.isEmpty()) {
            for (Group group : groups(active)) send(group);
            active = active.stream()
                    .filter(row -> !row.isDone() && !parked.containsKey(row))
                    .toList();
        }
        return rows.stream().filter(parked::containsKey).toList();
    }

    // ---- locking and writing in one statement

    /**
     * Updates the rows that exist, and so learns which do. Returns false, and has done nothing, where that is not certain to
     * lock in the order of {@link #lock}, or would come before a parent that this batch may insert.
     */
    private boolean updateAtOnce(String name, List<RowWork> rows) throws SQLException {
        Shape shape = onlyUpdate(rows);
        if (shape == null || !dialect.updatesInOrder()) return false;
        JdbcTable table = tables.require(session, dialect, name);
        if (shape.sets() && !table.info().references().isEmpty()) return false;

        boolean mayMiss = mayMiss(name, rows);
        for (int from = 0; from < rows.size(); from += CHUNK_ROWS) {
            List<RowWork> chunk = rows.subList(from, Math.min(rows.size(), from + CHUNK_ROWS));
            if (mayMiss) updatePresent(table, shape, chunk);
            else attemptSwiftly(shape, chunk);
        }
        return true;
    }

    /** The one shape in which all rows begin, if that is an update. */
    private static @Nullable Shape onlyUpdate(List<RowWork> rows) {
        Shape shape = rows.get(0).shape(Operation.UPDATE);
        for (RowWork row : rows) {
            Stage.Kind kind = row.stage().kind();
            if (kind != Stage.Kind.UPDATE && kind != Stage.Kind.UPSERT || !row.fits(shape)) return null;
        }
        return shape.targets().isEmpty() ? null : shape;
    }

    /** Whether a row that does not exist is nothing unusual. */
    private boolean mayMiss(String table, List<RowWork> rows) {
        return missingRow.apply(table) != MissingRow.DEAD_LETTER
                || rows.stream().anyMatch(row -> row.stage().kind() == Stage.Kind.UPSERT);
    }

    private void updatePresent(JdbcTable table, Shape shape, List<RowWork> rows) throws SQLException {
        BitSet updated;
        try {
            updated = dialect.updatePresent(session, table, shape, values(rows));
        } catch (SQLException e) {
            throw notSwift(e);
        }
        List<RowWork> missing = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            if (updated.get(i)) written(shape, rows.get(i));
            else missing.add(rows.get(i));
        }
        // a row that is there after all has come meanwhile, is another one's second spelling, or is kept by a trigger
        if (!missing.isEmpty() && locate(shape.table(), missing)) throw new NotSwiftException(null);
    }

    private static List<Shape.Values> values(List<RowWork> rows) {
        return rows.stream().map(RowWork::values).toList();
    }

    private RuntimeException notSwift(SQLException error) throws SQLException {
        if (dialect.errors().kind(error) != ErrorKind.DATA) throw error;
        return new NotSwiftException(error);
    }

    // ---- what each row's next stage means

    private List<Group> groups(List<RowWork> rows) {
        Map<Shape, Group> byShape = new HashMap<>();
        Map<String, Group> lastByTable = new HashMap<>();
        List<Group> groups = new ArrayList<>();
        for (RowWork row : rows) {
            if (row.isAppend()) addAppend(lastByTable, groups, row);
            else addRow(byShape, groups, row);
        }
        groups.sort(Comparator.comparingInt(this::turn)
                .thenComparing(group -> group.shape().operation()));
        return groups;
    }

    /** Parents before children; deletes after all that, the other way round. Equal turns keep their order. */
    private int turn(Group group) {
        int rank = order.rank(group.shape().table());
        return group.shape().operation() == Operation.DELETE ? Integer.MAX_VALUE - rank : rank;
    }

    /** Appends of one table keep their order, so only neighbours go together. */
    private static void addAppend(Map<String, Group> lastByTable, List<Group> groups, RowWork row) {
        Group last = lastByTable.get(row.table());
        if (last == null || !row.fits(last.shape())) {
            last = new Group(row.shape(Operation.APPEND), new ArrayList<>());
            groups.add(last);
            lastByTable.put(row.table(), last);
        }
        last.rows().add(row);
    }

    private void addRow(Map<Shape, Group> byShape, List<Group> groups, RowWork row) {
        Operation operation = operation(row);
        if (operation == null) return;
        Shape shape = row.shape(operation);
        byShape.computeIfAbsent(shape, it -> {
                    Group group = new Group(it, new ArrayList<>());
                    groups.add(group);
                    return group;
                })
                .rows()
                .add(row);
    }

    /** What the row's next stage sends; null if that is nothing, and then the row is past it. */
    private @Nullable Operation operation(RowWork row) {
        Stage stage = row.stage();
        boolean present = row.isPresent();
        return switch (stage.kind()) {
            case UPDATE -> present ? change(row) : missing(row);
            case UPSERT -> present ? change(row) : Operation.UPSERT;
            case INSERT -> present ? duplicate(row) : Operation.INSERT;
            case REPLACE -> present ? Operation.REPLACE : Operation.INSERT;
            case DELETE -> present ? Operation.DELETE : nothing(row);
        };
    }

    private @Nullable Operation change(RowWork row) {
        return row.stage().columns().isEmpty() ? nothing(row) : Operation.UPDATE;
    }

    private @Nullable Operation nothing(RowWork row) {
        row.advance();
        steps++;
        return null;
    }

    private @Nullable Operation missing(RowWork row) {
        switch (missingRow.apply(row.table())) {
            case INSERT -> {
                return Operation.UPSERT;
            }
            case IGNORE -> {
                ignored++;
                return nothing(row);
            }
            case DEAD_LETTER -> deadLetter(row, MISSING, "the row does not exist");
        }
        return null;
    }

    private @Nullable Operation duplicate(RowWork row) {
        deadLetter(row, DUPLICATE, "a row with this key exists already");
        return null;
    }

    // ---- sending

    private void send(Group group) throws SQLException {
        List<RowWork> rows = group.rows();
        for (int from = 0; from < rows.size(); from += CHUNK_ROWS)
            attempt(group.shape(), rows.subList(from, Math.min(rows.size(), from + CHUNK_ROWS)));
    }

    private void attempt(Shape shape, List<RowWork> rows) throws SQLException {
        if (swift) attemptSwiftly(shape, rows);
        else attemptCarefully(shape, rows);
    }

    private void attemptSwiftly(Shape shape, List<RowWork> rows) throws SQLException {
        int changed;
        try {
            changed = deliver(shape, rows);
        } catch (SQLException e) {
            throw notSwift(e);
        }
        if (changed != rows.size() && !isGone(shape, rows)) throw new NotSwiftException(null);
        for (RowWork row : rows) written(shape, row);
    }

    private void attemptCarefully(Shape shape, List<RowWork> rows) throws SQLException {
        Savepoint savepoint = session.savepoint();
        int changed;
        try {
            changed = deliver(shape, rows);
        } catch (SQLException e) {
            if (dialect.errors().kind(e) != ErrorKind.DATA) throw e;
            session.rollbackTo(savepoint);
            refused(shape, rows, e);
            return;
        }
        if (changed != rows.size() && !isGone(shape, rows)) {
            session.rollbackTo(savepoint);
            lookAgain(shape, rows, changed);
            return;
        }
        session.release(savepoint);
        for (RowWork row : rows) written(shape, row);
    }

    private void written(Shape shape, RowWork row) {
        row.setPresent(shape.operation() != Operation.DELETE);
        row.advance();
        steps++;
    }

    private int deliver(Shape shape, List<RowWork> rows) throws SQLException {
        JdbcTable table = tables.require(session, dialect, shape.table());
        List<Shape.Values> values = values(rows);
        if (swift && shape.operation() == Operation.APPEND) return dialect.append(session, table, shape, values);
        if (shape.operation() != Operation.REPLACE) return dialect.send(session, table, shape, values);
        dialect.send(session, table, shape.as(Operation.DELETE), values);
        return dialect.send(session, table, shape.as(Operation.INSERT), values);
    }

    private void refused(Shape shape, List<RowWork> rows, SQLException error) throws SQLException {
        if (rows.size() == 1) {
            parked.put(
                    rows.get(0),
                    new Refusal(dialect.errors().state(error), dialect.errors().message(error)));
            return;
        }
        int middle = rows.size() / 2;
        attempt(shape, rows.subList(0, middle));
        attempt(shape, rows.subList(middle, rows.size()));
    }

    /** A delete may find fewer rows than it was sent, if one of them took others with it. */
    private boolean isGone(Shape shape, List<RowWork> rows) throws SQLException {
        return shape.operation() == Operation.DELETE
                && present(shape.table(), rows).isEmpty();
    }

    /**
     * The database changed another number of rows than it was sent. If rows came or went (another row's delete
     * cascaded), their stages are planned anew in this pass; if not, two keys of ours are one row there, or a trigger or
     * a rule drops rows: nothing may be lost that way.
     */
    private void lookAgain(Shape shape, List<RowWork> rows, int changed) throws SQLException {
        boolean surprised = shape.operation() != Operation.APPEND && locate(shape.table(), rows);
        if (!surprised || ++surprises > MAX_SURPRISES)
            throw new SchemaFaultException(
                    "%s: an %s of %d rows changed %d: two keys that differ here are one row there, or a trigger or rule drops rows"
                            .formatted(shape.table(), shape.operation(), rows.size(), changed),
                    null);
    }

    // ---- which rows exist

    /** Locks rows table by table, by name: the order of row keys, the same in every batch of every process. */
    private void lock(List<RowWork> rows) throws SQLException {
        for (Map.Entry<String, List<RowWork>> entry : byTable(rows).entrySet())
            locate(entry.getKey(), entry.getValue());
    }

    private static Map<String, List<RowWork>> byTable(List<RowWork> rows) {
        Map<String, List<RowWork>> byTable = new TreeMap<>();
        for (RowWork row : rows)
            byTable.computeIfAbsent(row.table(), table -> new ArrayList<>()).add(row);
        return byTable;
    }

    /** Locks the rows and notes which exist; returns whether that was news. */
    private boolean locate(String table, List<RowWork> rows) throws SQLException {
        BitSet present = present(table, rows);
        boolean news = false;
        for (int i = 0; i < rows.size(); i++) {
            news |= rows.get(i).isPresent() != present.get(i);
            rows.get(i).setPresent(present.get(i));
        }
        return news;
    }

    private BitSet present(String table, List<RowWork> rows) throws SQLException {
        List<List<Object>> keys = rows.stream().map(RowWork::keyValues).toList();
        return dialect.lock(session, tables.require(session, dialect, table), keys);
    }
}
