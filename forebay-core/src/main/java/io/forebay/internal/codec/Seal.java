package io.forebay.internal.codec;

import java.util.UUID;

/**
 * The boundaries of a batch, journaled before the first statement of it is sent.
 *
 * @param from the watermark it builds on; everything up to there is in the database
 * @param to the watermark after it
 * @param id the random id the watermark row will hold then
 */
public record Seal(int partition, long from, long to, UUID id) {}
