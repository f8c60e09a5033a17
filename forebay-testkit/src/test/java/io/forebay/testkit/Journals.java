package io.forebay.testkit;

import io.forebay.JournalPolicy;
import io.forebay.internal.journal.Journal;
import io.forebay.internal.journal.JournalSettings;
import io.forebay.internal.journal.Replay;
import io.forebay.spi.Disk;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Small journals with one partition, whose frames hold their own sequence. */
final class Journals {
    static final int SEGMENT_BYTES = 64 << 10;
    static final JournalSettings SETTINGS = settings(Duration.ZERO, 0);

    private Journals() {}

    static JournalSettings settings(Duration keepApplied, long keepBytes) {
        return new JournalSettings(new JournalPolicy(SEGMENT_BYTES, keepApplied, keepBytes, 16 * SEGMENT_BYTES), 1);
    }

    static Journal open(Disk disk) {
        return open(disk, new Recorder());
    }

    static Journal open(Disk disk, Replay replay) {
        return Journal.open(disk, SETTINGS, System::nanoTime, replay);
    }

    static void append(Journal journal, long sequence, int bytes) {
        journal.append(body(sequence, bytes), new long[] {sequence});
    }

    static void appendAndForce(Journal journal, long sequence, int bytes) {
        append(journal, sequence, bytes);
        journal.force();
    }

    /** What the journal on this disk holds; opens it for that, and closes it. */
    static List<Long> frames(Disk disk) {
        Recorder recorder = new Recorder();
        open(disk, recorder).close();
        return recorder.frames;
    }

    static String segment(int index) {
        return "%020d.segment".formatted(index);
    }

    static ByteBuffer body(long sequence, int bytes) {
        byte[] noise = new byte[bytes];
        new Random(sequence).nextBytes(noise);
        return ByteBuffer.allocate(Long.BYTES + bytes)
                .putLong(sequence)
                .put(noise)
                .flip();
    }

    /** Notes what is replayed, and that each body is the one that was appended. */
    static final class Recorder implements Replay {
        final List<Long> frames = new ArrayList<>();
        final List<Long> checkpoints = new ArrayList<>();

        @Override
        public void checkpoint(ByteBuffer state) {
            checkpoints.add(state.hasRemaining() ? state.getLong() : 0);
        }

        @Override
        public void frame(ByteBuffer body) {
            long sequence = body.getLong(0);
            if (!body.equals(body(sequence, body.remaining() - Long.BYTES))) {
                throw new AssertionError("frame " + sequence + " came back with other bytes");
            }
            frames.add(sequence);
        }
    }
}
