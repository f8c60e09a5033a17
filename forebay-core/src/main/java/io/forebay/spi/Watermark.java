package io.forebay.spi;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * How far one partition of one journal is in the database.
 *
 * @param epoch number of the partition's current owner
 * @param sequence the highest sequence the database holds; 0 before the first batch
 * @param batch id of the batch that ended there; null before the first
 */
public record Watermark(long epoch, long sequence, @Nullable UUID batch) {}
