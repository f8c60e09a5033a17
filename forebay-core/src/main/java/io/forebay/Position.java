package io.forebay;

/**
 * Where a write stands in the journal of its database.
 *
 * @param partition number of the partition
 * @param sequence number of the window within the partition, from 1
 */
public record Position(int partition, long sequence) {}
