package io.forebay.spi;

/**
 * A mutation that the database refused, and the batch it was in.
 *
 * @param from first sequence of the batch, exclusive
 * @param to last sequence of the batch, inclusive
 */
public record Refused(long from, long to, DeadLetter letter) {}
