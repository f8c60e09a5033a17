package io.forebay.internal.journal;

import io.forebay.JournalDamagedException;
import io.forebay.spi.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads one segment and judges each of its sectors; changes nothing. */
final class SegmentReader implements AutoCloseable {
    /** Offset of the checkpoint: directly behind the segment's header. */
    static final int FIRST_FRAME = Sectors.BYTES;

    private final Disk disk;
    private final String name;
    private final long index;
    private final Disk.File file;
    private final FileWindow window;
    private final FrameDecoder decoder = new FrameDecoder();

    SegmentReader(Disk disk, String name) throws IOException {
        this.disk = disk;
        this.name = name;
        this.index = SegmentNames.index(name);
        this.file = disk.open(name);
        this.window = new FileWindow(file);
    }

    /** The header; damage if it is not that of this segment in this journal. */
    SegmentHeader header(Manifest manifest) throws IOException {
        SegmentHeader header = SegmentHeader.read(window.at(0, Sectors.BYTES));
        if (header == null) throw damaged(0, "the segment's header is not as it was written");
        if (!header.journal().equals(manifest.journal())) {
            throw damaged(0, "the segment is of journal %s, not %s".formatted(header.journal(), manifest.journal()));
        }
        if (header.index() != index) throw damaged(0, "the file is segment %d".formatted(header.index()));
        if (file.size() != header.bytes()) {
            throw damaged(0, "the file has %d bytes instead of %d".formatted(file.size(), header.bytes()));
        }
        return header;
    }

    /** The manifest of this segment's journal, but for the database; null if this cannot be read here. */
    @Nullable
    Manifest manifest() throws IOException {
        SegmentHeader header = SegmentHeader.read(window.at(0, Sectors.BYTES));
        FrameHeader checkpoint = FrameHeader.read(window.at(FIRST_FRAME, Sectors.BYTES), 0);
        if (header == null || checkpoint == null) return null;
        return new Manifest(Manifest.VERSION, header.journal(), checkpoint.sequences(), null);
    }

    /** Whether a power failure or a kill interrupted the creation of this segment: then it was never used. */
    boolean isHalfMade() throws IOException {
        return isStartMissing() && nextFrame(FIRST_FRAME, false) < 0;
    }

    private boolean isStartMissing() throws IOException {
        ByteBuffer start = window.at(0, Sectors.BYTES);
        if (Sectors.isUnwritten(start, 0)) return true;
        SegmentHeader header = SegmentHeader.read(start);
        if (header == null) return false;
        if (file.size() < header.bytes()) return true;

        ByteBuffer sector = window.at(FIRST_FRAME, Sectors.BYTES);
        if (Sectors.isUnwritten(sector, 0)) return true;
        FrameHeader checkpoint = FrameHeader.read(sector, 0);
        return checkpoint != null && fits(checkpoint, FIRST_FRAME, header.bytes()) && isTorn(checkpoint, FIRST_FRAME);
    }

    /** Reads a segment that another one follows: all up to {@code end} was durable, what lies behind is ignored. */
    Tail readTo(long end, Manifest manifest, @Nullable Tail before, JournalVisitor visitor) throws IOException {
        Position position = new Position(manifest, before, visitor);
        while (position.offset < end) {
            if (isUnwritten(position.offset)) throw damaged(position.offset, "a frame is missing");
            FrameHeader frame = position.header(end);
            if (!position.accept(frame)) throw position.damagedFrame(frame);
        }
        return position.tail();
    }

    /** Reads the newest segment: its last frame may be unfinished. */
    Tail readToEnd(SegmentHeader header, Manifest manifest, @Nullable Tail before, JournalVisitor visitor)
            throws IOException {
        Position position = new Position(manifest, before, visitor);
        while (position.offset < header.bytes() && !position.ended && !isUnwritten(position.offset)) {
            FrameHeader frame = position.header(header.bytes());
            if (!position.accept(frame)) {
                judgeUnfinished(position, frame);
                return position.tail();
            }
        }
        judgeRest(position, header.bytes());
        return position.tail();
    }

    /** A frame that is not as it was written: unfinished if part of it never was, and it is the last. */
    private void judgeUnfinished(Position position, FrameHeader frame) throws IOException {
        boolean last = nextFrame(position.offset + frame.extentBytes(), true) < 0;
        if (!last || !isTorn(frame, position.offset)) throw position.damagedFrame(frame);
        position.visitor.unfinished(name, position.offset);
    }

    /** What lies behind the last frame: nothing, or remains of an unfinished frame that lost its first sector. */
    private void judgeRest(Position position, long end) throws IOException {
        long written = nextWritten(position.offset, end);
        if (written < 0) return;
        long next = nextFrame(written, true);
        if (next >= 0) throw damaged(position.offset, "frames are missing before the one at offset " + next);
        if (position.ended) throw damaged(written, "the journal was closed, but something was written behind its end");
        position.visitor.unfinished(name, position.offset);
    }

    private boolean isTorn(FrameHeader frame, long offset) throws IOException {
        ByteBuffer extent = window.at(offset, frame.extentBytes());
        return !FrameDecoder.isIntact(frame, extent) && Sectors.anyUnwritten(extent);
    }

    private boolean isUnwritten(long offset) throws IOException {
        return Sectors.isUnwritten(window.at(offset, Sectors.BYTES), 0);
    }

    private boolean fits(FrameHeader frame, long offset, long end) {
        return frame.bodyBytes() >= 0
                && frame.sequences() >= 0
                && offset + FrameHeader.extentBytes(frame.sequences(), frame.bodyBytes()) <= end;
    }

    /** Offset of the next sector from {@code from} on that starts a frame of this segment; -1 if there is none. */
    private long nextFrame(long from, boolean checkpoints) throws IOException {
        long end = file.size();
        for (long offset = from; offset < end; offset += Sectors.BYTES) {
            FrameHeader frame = FrameHeader.read(window.at(offset, Sectors.BYTES), 0);
            if (frame == null || frame.segment() != index) continue;
            if (checkpoints || frame.kind() != FrameKind.CHECKPOINT) return offset;
        }
        return -1;
    }

    /** Headers of the data frames from {@code from} on, whether the frames are as they were written or not. */
    List<FrameHeader> framesFrom(long from) throws IOException {
        List<FrameHeader> frames = new ArrayList<>();
        for (long at = nextFrame(from, true); at >= 0; at = nextFrame(at + Sectors.BYTES, true)) {
            FrameHeader frame = FrameHeader.read(window.at(at, Sectors.BYTES), 0);
            if (frame != null && frame.kind() == FrameKind.DATA) frames.add(frame);
        }
        return frames;
    }

    private long nextWritten(long from, long end) throws IOException {
        for (long offset = from; offset < end; offset += Sectors.BYTES) {
            if (!isUnwritten(offset)) return offset;
        }
        return -1;
    }

    private JournalDamagedException damaged(long offset, String problem) {
        return new JournalDamagedException(disk.description(), name, offset, problem);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    /** How far the reader has come; each frame must follow from the one before. */
    private final class Position {
        private final Manifest manifest;
        private final JournalVisitor visitor;
        private @Nullable Tail tail;
        private long offset = FIRST_FRAME;
        private boolean ended;

        Position(Manifest manifest, @Nullable Tail before, JournalVisitor visitor) {
            this.manifest = manifest;
            this.tail = before;
            this.visitor = visitor;
        }

        /** The header of the frame that begins here and must end before {@code end}. */
        FrameHeader header(long end) throws IOException {
            FrameHeader frame = FrameHeader.read(window.at(offset, Sectors.BYTES), 0);
            if (frame == null) throw damaged(offset, "the frame's header is not as it was written");
            String problem = misfit(frame, end);
            if (problem != null) throw damaged(offset, problem);
            return frame;
        }

        private @Nullable String misfit(FrameHeader frame, long end) {
            if (ended) return "a frame lies behind the end of the journal";
            if (frame.segment() != index) return "the frame is of segment " + frame.segment();
            if (frame.sequences() != manifest.partitions()) return "the frame has " + frame.sequences() + " partitions";
            if (tail != null && frame.number() != tail.number() + 1) {
                return "frame %d follows frame %d".formatted(frame.number(), tail.number());
            }
            if ((frame.kind() == FrameKind.CHECKPOINT) != (offset == FIRST_FRAME)) {
                return "a segment has its checkpoint first, and only there";
            }
            return fits(frame, offset, end) ? null : "the frame does not end where the journal went on";
        }

        /** Hands the frame on and moves behind it; false if it is not as it was written. */
        boolean accept(FrameHeader frame) throws IOException {
            ByteBuffer extent = window.at(offset, frame.extentBytes());
            if (!FrameDecoder.isIntact(frame, extent)) return false;

            FrameDecoder.Payload payload = decoder.decode(frame, extent);
            visitor.frame(frame, offset, payload.body());
            long end = offset + frame.extentBytes();
            tail = new Tail(index, offset, end, frame.number(), Tail.Sequences.of(payload.sequences()));
            ended = frame.kind() == FrameKind.END;
            offset = end;
            return true;
        }

        JournalDamagedException damagedFrame(FrameHeader frame) {
            visitor.damagedFrame(frame, offset);
            return damaged(offset, "frame %d is not as it was written".formatted(frame.number()));
        }

        Tail tail() {
            if (tail == null || tail.segment() != index) throw damaged(offset, "the segment has no checkpoint");
            return tail;
        }
    }
}
