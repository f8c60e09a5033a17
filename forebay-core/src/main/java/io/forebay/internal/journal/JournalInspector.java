package io.forebay.internal.journal;

import io.forebay.JournalAccessException;
import io.forebay.JournalDamagedException;
import io.forebay.spi.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Looks at a journal without its lock and without changing anything; of one in use, the end may be out of date. */
public final class JournalInspector {
    private JournalInspector() {}

    /**
     * What an inspection found.
     *
     * @param manifest null where there is no journal, or its manifest is damaged
     * @param segments oldest first, up to the first damage
     * @param notes what a crash left, and a start ignores
     * @param problem why a start is refused; null if it is not
     */
    public record Report(
            @Nullable Manifest manifest,
            List<SegmentReport> segments,
            List<String> notes,
            @Nullable JournalDamagedException problem) {
        public Report {
            segments = List.copyOf(segments);
            notes = List.copyOf(notes);
        }
    }

    /** One segment; {@code previousEnd} is where the one before it ends. */
    public record SegmentReport(String name, long bytes, long previousEnd, List<FrameReport> frames) {
        public SegmentReport {
            frames = List.copyOf(frames);
        }
    }

    /** One frame: where it is, the bytes of its sectors and of its body, and whether it is as it was written. */
    public record FrameReport(
            long offset, int extentBytes, int bodyBytes, FrameKind kind, long number, boolean valid) {}

    /** @throws JournalAccessException if the directory cannot be read */
    public static Report inspect(Disk disk) {
        Collector collector = new Collector();
        try {
            return collector.report(new ManifestFile(disk).read(), disk);
        } catch (JournalDamagedException e) {
            return collector.report(null, e);
        } catch (IOException e) {
            throw new JournalAccessException("journal %s cannot be read: %s".formatted(disk.description(), e), e);
        }
    }

    private static final class Collector implements JournalVisitor {
        private final List<SegmentReport> segments = new ArrayList<>();
        private final List<String> notes = new ArrayList<>();
        private final List<FrameReport> frames = new ArrayList<>();
        private @Nullable SegmentReport open;

        Report report(@Nullable Manifest manifest, Disk disk) throws IOException {
            if (manifest == null) return report(null, (JournalDamagedException) null);
            try {
                JournalWalk.through(disk, manifest, this);
                return report(manifest, (JournalDamagedException) null);
            } catch (JournalDamagedException e) {
                return report(manifest, e);
            }
        }

        Report report(@Nullable Manifest manifest, @Nullable JournalDamagedException problem) {
            finishSegment();
            return new Report(manifest, segments, notes, problem);
        }

        private void finishSegment() {
            if (open != null) {
                segments.add(new SegmentReport(open.name(), open.bytes(), open.previousEnd(), frames));
            }
            open = null;
            frames.clear();
        }

        @Override
        public void segment(String name, SegmentHeader header) {
            finishSegment();
            open = new SegmentReport(name, header.bytes(), header.previousEnd(), List.of());
        }

        @Override
        public void frame(FrameHeader frame, long offset, ByteBuffer body) {
            add(frame, offset, true);
        }

        @Override
        public void damagedFrame(FrameHeader frame, long offset) {
            add(frame, offset, false);
        }

        private void add(FrameHeader frame, long offset, boolean valid) {
            frames.add(new FrameReport(
                    offset, frame.extentBytes(), frame.bodyBytes(), frame.kind(), frame.number(), valid));
        }

        @Override
        public void unfinished(String segment, long offset) {
            notes.add("%s ends at offset %d with an unfinished frame".formatted(segment, offset));
        }

        @Override
        public void halfMade(String segment) {
            notes.add("%s was never completed".formatted(segment));
        }
    }
}
