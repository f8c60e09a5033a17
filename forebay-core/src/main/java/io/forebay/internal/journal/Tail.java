package io.forebay.internal.journal;

import java.util.Arrays;

/**
 * A place behind a frame where the journal may end.
 *
 * @param segment index of the frame's segment; 0 in a journal without any
 * @param frameAt offset of the frame
 * @param end offset of the first byte behind it
 * @param number of the frame
 * @param sequences highest sequence per partition up to and with the frame
 */
record Tail(long segment, long frameAt, long end, long number, Sequences sequences) {
    static Tail ofNewJournal(int partitions) {
        return new Tail(0, 0, 0, 0, Sequences.none(partitions));
    }

    /** The highest sequence per partition; immutable. */
    static final class Sequences {
        private final long[] values;

        private Sequences(long[] values) {
            this.values = values;
        }

        static Sequences of(long[] values) {
            return new Sequences(values.clone());
        }

        static Sequences none(int partitions) {
            return new Sequences(new long[partitions]);
        }

        long[] toArray() {
            return values.clone();
        }

        /** Whether none of these is above the other. */
        boolean areCoveredBy(long[] others) {
            for (int partition = 0; partition < values.length; partition++) {
                if (values[partition] > others[partition]) return false;
            }
            return true;
        }

        @Override
        public String toString() {
            return Arrays.toString(values);
        }
    }
}
