package io.forebay.jdbc.crash;

import io.forebay.Ack;
import io.forebay.BufferFullException;
import io.forebay.Table;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;

/** One thread that increments rows of its own, sets them now and then, and logs; it knows what each must be in the end. */
final class SoakWriter {
    private static final int ROWS = 100_000;
    private static final int SET_EVERY = 8;
    private static final int LOG_EVERY = 64;
    private static final int OUTSTANDING = 1_000;
    private static final long BACK_OFF_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final Duration SOON = Duration.ofSeconds(60);

    private final int number;
    private final Table rows;
    private final Table log;
    private final AtomicBoolean ending;
    private final Random random;
    private final long[] hits = new long[ROWS];
    private final long[] last = new long[ROWS];
    private final Deque<Ack> acks = new ArrayDeque<>();
    private final Waits waits = new Waits();
    private long taken;
    private long refused;
    private long logged;

    SoakWriter(int number, Table rows, Table log, AtomicBoolean ending) {
        this.number = number;
        this.rows = rows;
        this.log = log;
        this.ending = ending;
        this.random = new Random(number);
    }

    void run() {
        while (!ending.get()) {
            long start = System.nanoTime();
            try {
                acks.add(write());
                waits.add(System.nanoTime() - start);
                taken++;
            } catch (BufferFullException e) {
                waits.add(System.nanoTime() - start);
                refused++;
                LockSupport.parkNanos(BACK_OFF_NANOS);
            }
            if (acks.size() > OUTSTANDING) acks.remove().await(SOON);
        }
        acks.forEach(ack -> ack.await(SOON));
    }

    private Ack write() {
        int row = random.nextInt(ROWS);
        long id = (long) number * ROWS + row;
        if (taken % LOG_EVERY == 0) {
            Ack ack = log.insert(Map.of("writer", number, "n", taken));
            logged++;
            return ack;
        }
        if (taken % SET_EVERY == 0) {
            Ack ack = rows.row(id).set("last", taken);
            last[row] = taken;
            return ack;
        }
        Ack ack = rows.row(id).increment("hits");
        hits[row]++;
        return ack;
    }

    long taken() {
        return taken;
    }

    long refused() {
        return refused;
    }

    Waits waits() {
        return waits;
    }

    /** Rows of this writer that are not as it wrote them: too few hits, too many, another last write; and the log. */
    int wrongRows(DataSource dataSource) {
        long first = (long) number * ROWS;
        int wrong = 0;
        for (List<Object> row : Databases.query(
                dataSource,
                "SELECT id, coalesce(hits, 0), coalesce(last, 0) FROM soak WHERE id BETWEEN " + first + " AND "
                        + (first + ROWS - 1))) {
            int index = (int) ((long) row.get(0) - first);
            if ((long) row.get(1) != hits[index] || (long) row.get(2) != last[index]) wrong++;
            hits[index] = 0;
            last[index] = 0;
        }
        for (int i = 0; i < ROWS; i++) if (hits[i] != 0 || last[i] != 0) wrong++; // rows that are not there
        List<Object> found = Databases.query(
                        dataSource, "SELECT count(*), count(DISTINCT n) FROM soak_log WHERE writer = " + number)
                .get(0);
        return found.equals(List.of(logged, logged)) ? wrong : wrong + 1;
    }
}
