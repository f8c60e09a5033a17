package io.forebay.internal.journal;

/**
 * A segment of an open journal.
 *
 * @param name of its file
 * @param bytes size of its file
 */
public record SegmentInfo(String name, long bytes) {}
