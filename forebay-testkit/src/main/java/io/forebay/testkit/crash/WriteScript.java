package io.forebay.testkit.crash;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;

/** What one writer writes, one after the other: the same for the same seed, writer and refusals. Not thread-safe. */
final class WriteScript {
    static final int ROWS = 8;
    static final int HOT_ROWS = 4;
    private static final int LASTING_ROWS = 5; // the others are deleted now and then
    private static final long NO_ROW = -1;

    private final long writer;
    private final Random random;
    private final boolean groups;
    private final Set<Long> present = new HashSet<>();
    private long number;
    private long lastRow = NO_ROW;
    private boolean lastRowWasPresent;

    enum Kind {
        INCREMENT,
        MAX,
        SET,
        UPSERT,
        DELETE,
        INSERT,
        AUDIT,
        HOT,
        /** Two rows and an audit row, all or nothing. */
        GROUP
    }

    /** One write; the row is a key of the rows, or of the hot rows, or nothing. */
    record Write(long writer, long number, Kind kind, long row, long amount) {
        String note() {
            return "note " + number;
        }

        /** The second row of a group: the next one of those that last. */
        long otherRow() {
            return row - row % ROWS + (row % ROWS + 1) % LASTING_ROWS;
        }

        boolean isOf(long ownRow) {
            if (kind == Kind.GROUP && otherRow() == ownRow) return true;
            return row == ownRow && kind != Kind.HOT && kind != Kind.AUDIT;
        }

        private boolean isIncrement() {
            return kind == Kind.INCREMENT || kind == Kind.HOT || kind == Kind.GROUP;
        }

        @Override
        public String toString() {
            return "#" + number + " " + kind + (isIncrement() ? " " + amount : "");
        }
    }

    /** @param groups whether there are groups among the writes */
    WriteScript(long seed, long writer, boolean groups) {
        this.writer = writer;
        this.groups = groups;
        this.random = new Random(seed * 1_000_003 + writer * 7919);
    }

    Write next() {
        number++;
        lastRow = NO_ROW;
        int dice = random.nextInt(100);
        long amount = 1L + random.nextInt(9);
        if (dice < 20) return new Write(writer, number, Kind.AUDIT, 0, 0);
        if (dice < 30) return new Write(writer, number, Kind.HOT, random.nextInt(HOT_ROWS), amount);

        int index = random.nextInt(ROWS);
        long row = writer * ROWS + index;
        lastRow = row;
        lastRowWasPresent = present.contains(row);
        Kind kind = kind(dice, index < LASTING_ROWS, lastRowWasPresent);
        if (kind == Kind.DELETE) present.remove(row);
        else present.add(row);
        return new Write(writer, number, kind, row, amount);
    }

    /** The last write was refused: what comes next is as if it had not been. */
    void refuseLast() {
        if (lastRow == NO_ROW) return;
        if (lastRowWasPresent) present.add(lastRow);
        else present.remove(lastRow);
    }

    private Kind kind(int dice, boolean lasts, boolean present) {
        if (dice < 40 && lasts && groups) return Kind.GROUP;
        if (dice < 60) return Kind.INCREMENT;
        if (dice < 70) return Kind.MAX;
        if (dice < 80) return Kind.SET;
        if (dice < 88 || lasts) return Kind.UPSERT;
        return present ? Kind.DELETE : Kind.INSERT;
    }
}
