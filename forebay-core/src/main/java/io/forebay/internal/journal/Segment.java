package io.forebay.internal.journal;

/** A segment that is not written any more. */
record Segment(String name, long bytes, Tail.Sequences sequences) {
    SegmentInfo info() {
        return new SegmentInfo(name, bytes);
    }
}
