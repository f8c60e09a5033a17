package io.forebay.internal.journal;

import io.forebay.JournalDamagedException;
import io.forebay.spi.Disk;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads a whole journal and judges it; changes nothing. Each segment is read up to the end that the next one states, so a
 * frame that was refused stays out for good once the journal has gone on.
 */
final class JournalWalk {
    private static final long UNKNOWN_END = -1;

    private final Disk disk;
    private final Manifest manifest;
    private final JournalVisitor visitor;
    private final List<Segment> segments = new ArrayList<>();
    private @Nullable Tail tail;

    private JournalWalk(Disk disk, Manifest manifest, JournalVisitor visitor) {
        this.disk = disk;
        this.manifest = manifest;
        this.visitor = visitor;
    }

    /**
     * Walks from the oldest segment to the end of the journal.
     *
     * @throws JournalDamagedException at the first place that is not as it was written
     */
    static JournalWalk through(Disk disk, Manifest manifest, JournalVisitor visitor) throws IOException {
        JournalWalk walk = new JournalWalk(disk, manifest, visitor);
        walk.run(walk.withoutHalfMade(SegmentNames.in(disk)), UNKNOWN_END);
        return walk;
    }

    /** Walks an open journal from the oldest segment to a known end. */
    static void upTo(Tail end, Disk disk, Manifest manifest, JournalVisitor visitor) throws IOException {
        JournalWalk walk = new JournalWalk(disk, manifest, visitor);
        List<String> names = SegmentNames.in(disk).stream()
                .filter(name -> SegmentNames.index(name) <= end.segment())
                .toList();
        walk.run(names, end.end());
    }

    /** Segments found, oldest first, without one that is half made. */
    List<Segment> segments() {
        return segments;
    }

    /** Where the journal ends. */
    Tail tail() {
        return tail == null ? Tail.ofNewJournal(manifest.partitions()) : tail;
    }

    private void run(List<String> names, long end) throws IOException {
        for (int i = 0; i < names.size(); i++) {
            refuseGap(names, i);
            read(names.get(i), i + 1 < names.size() ? previousEnd(names.get(i + 1)) : end);
        }
    }

    private List<String> withoutHalfMade(List<String> names) throws IOException {
        if (names.isEmpty()) return names;

        String newest = names.get(names.size() - 1);
        try (SegmentReader reader = new SegmentReader(disk, newest)) {
            if (!reader.isHalfMade()) return names;
        }
        visitor.halfMade(newest);
        return names.subList(0, names.size() - 1);
    }

    private void refuseGap(List<String> names, int i) {
        if (i == 0) return;
        String expected = SegmentNames.of(SegmentNames.index(names.get(i - 1)) + 1);
        if (names.get(i).equals(expected)) return;
        throw new JournalDamagedException(disk.description(), expected, 0, "the segment is missing");
    }

    private void read(String name, long end) throws IOException {
        try (SegmentReader reader = new SegmentReader(disk, name)) {
            SegmentHeader header = reader.header(manifest);
            visitor.segment(name, header);
            tail = end == UNKNOWN_END
                    ? reader.readToEnd(header, manifest, tail, visitor)
                    : reader.readTo(end, manifest, tail, visitor);
            segments.add(new Segment(name, header.bytes(), tail.sequences()));
        }
    }

    private long previousEnd(String name) throws IOException {
        try (SegmentReader reader = new SegmentReader(disk, name)) {
            return reader.header(manifest).previousEnd();
        }
    }
}
