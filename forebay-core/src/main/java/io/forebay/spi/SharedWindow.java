package io.forebay.spi;

import java.util.List;

/**
 * Merged writes of one process to one partition, for a {@link SharedJournal}.
 *
 * @param rows each row once
 * @param appends rows without a key, in the order they were written
 */
public record SharedWindow(List<PendingRow> rows, List<PendingAppend> appends) {}
