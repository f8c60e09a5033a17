package io.forebay.spi;

import java.util.List;

/**
 * What was pending for one row at one moment, layer by layer from old to new. Immutable.
 *
 * @param released the watermark up to which layers had been let go: a database value that is older cannot be completed
 * @param slices the layers that touch the row
 */
public record Overlay(long released, List<Slice> slices) {

    /**
     * One layer's share of the row.
     *
     * @param from first sequence, exclusive
     * @param to last sequence, inclusive
     */
    public record Slice(long from, long to, List<Stage> stages) {}
}
