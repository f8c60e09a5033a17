package io.forebay.spi;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A row and the watermark of its partition, both from one database snapshot.
 *
 * @param watermark the highest sequence the database held
 * @param columns every column by name, normalised; empty if there is no such row
 */
public record BaseRow(long watermark, Optional<Map<String, @Nullable Object>> columns) {}
