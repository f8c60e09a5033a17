package io.forebay.spi;

import java.time.Duration;
import java.util.List;

/**
 * The next piece of a partition of a {@link SharedJournal}, for the process that flushes it.
 *
 * @param partition number of the partition
 * @param from the sequence where the piece before it ended
 * @param to its last sequence; greater than {@code from}
 * @param age how long its oldest write has been waiting
 * @param rows what to do, in order; a row may come several times
 * @param appends rows without a key, in order
 */
public record FedWindow(
        int partition, long from, long to, Duration age, List<PendingRow> rows, List<PendingAppend> appends) {}
