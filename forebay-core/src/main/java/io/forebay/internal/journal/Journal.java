package io.forebay.internal.journal;

import io.forebay.JournalAccessException;
import io.forebay.JournalDamagedException;
import io.forebay.JournalForceException;
import io.forebay.JournalWriteException;
import io.forebay.spi.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The durable, append-only record. It knows bytes and positions, not what they mean.
 *
 * <p>One thread uses it, the same one from {@link #open} to {@link #close}, and nobody interrupts it; {@link #usedBytes} is
 * for everyone. At most one frame is not forced at any time: with two, a power failure could keep the second and lose the
 * first, and recovery could not tell that from damage.
 *
 * <p>A segment whose write or force failed is never written or forced again. The next append goes to a new one, which states
 * where the old one ends.
 */
public final class Journal implements FrameLog {
    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
    private static final int MAX_BODY_BYTES = 1 << 30;

    private final Disk disk;
    private final AutoCloseable lock;
    private final JournalSettings settings;
    private final KeptSegments kept;
    private final FrameEncoder encoder = new FrameEncoder();

    private Supplier<ByteBuffer> checkpoint = () -> ByteBuffer.allocate(0);
    private Manifest manifest;
    private @Nullable SegmentWriter current;
    private Tail forced;
    private Tail written; // the same, or one frame further
    private boolean closed;
    private volatile long usedBytes; // of kept and current; written by the one thread

    private Journal(Disk disk, AutoCloseable lock, JournalSettings settings, LongSupplier nanoTime, Replay replay)
            throws IOException {
        this.disk = disk;
        this.lock = lock;
        this.settings = settings;
        this.kept = new KeptSegments(disk, settings, nanoTime);
        this.manifest = new ManifestFile(disk).readOrCreate(settings.partitions());
        checkPartitions();

        JournalWalk walk = new Recovery(disk).run(manifest, replay);
        this.forced = walk.tail();
        this.written = forced;
        walk.segments().forEach(kept::add);
        this.usedBytes = kept.bytes();
    }

    /**
     * Takes the directory's lock and replays what the journal holds; a directory without a journal gets one. What was
     * replayed is durable when this returns. Space for new frames is taken at the first append, so a journal opens on a full
     * disk.
     *
     * @param nanoTime the clock, for the time that segments are kept
     * @throws IllegalArgumentException if the journal was made with another number of partitions
     * @throws JournalDamagedException if something that was durable is not as it was written; nothing is changed then
     * @throws JournalAccessException if the directory is locked or cannot be read
     */
    public static Journal open(Disk disk, JournalSettings settings, LongSupplier nanoTime, Replay replay) {
        AutoCloseable lock = lock(disk);
        try {
            return new Journal(disk, lock, settings, nanoTime, replay);
        } catch (IOException e) {
            unlock(lock, e);
            throw new JournalAccessException("journal %s cannot be opened: %s".formatted(disk.description(), e), e);
        } catch (RuntimeException | Error e) {
            unlock(lock, e);
            throw e;
        }
    }

    static AutoCloseable lock(Disk disk) {
        try {
            return disk.lock();
        } catch (IOException e) {
            throw new JournalAccessException(String.valueOf(e.getMessage()), e);
        }
    }

    private static void unlock(AutoCloseable lock, Throwable cause) {
        try {
            lock.close();
        } catch (Exception e) {
            cause.addSuppressed(e);
        }
    }

    private void checkPartitions() {
        if (manifest.partitions() == settings.partitions()) return;
        throw new IllegalArgumentException(
                "journal %s has %d partitions, the configuration says %d; the number is fixed"
                        .formatted(disk.description(), manifest.partitions(), settings.partitions()));
    }

    @Override
    public boolean keepsFrames() {
        return true;
    }

    /** What this journal is. */
    @Override
    public Manifest manifest() {
        return manifest;
    }

    /**
     * Notes the database that this journal belongs to; durable when this returns.
     *
     * @throws JournalWriteException if it could not be noted; the old manifest or the new one is found at the next start
     */
    @Override
    public void attach(UUID database) {
        try {
            manifest = new ManifestFile(disk).write(manifest.attachedTo(database));
        } catch (IOException e) {
            throw new JournalWriteException(
                    "journal %s: the manifest could not be replaced: %s".formatted(disk.description(), e), e);
        }
    }

    /**
     * Sets where checkpoints come from; empty ones by default. It is asked during an append that needs a new segment, for the
     * state after all frames that were appended successfully before: with it, older segments are not needed.
     */
    @Override
    public void checkpointWith(Supplier<ByteBuffer> state) {
        checkpoint = state;
    }

    /**
     * Writes one frame, in one piece, without forcing it; forces the frame before it, if that was not done.
     *
     * @param body what to write, from position to limit; left as it is
     * @param lastSequences per partition, the highest sequence in the journal with this frame; never falls
     * @throws IllegalArgumentException if the sequences fall or are not one per partition, or the body exceeds 1 GiB
     * @throws JournalWriteException if the frame is refused: the disk or the allowed space is full, for example
     * @throws JournalForceException if it is unknown whether this frame, or the one before it, is durable
     */
    @Override
    public void append(ByteBuffer body, long[] lastSequences) {
        append(body, lastSequences, settings.reserveBytes());
    }

    /**
     * As {@link #append}, but for a small frame that a full journal must not keep out, because what follows from it makes
     * room: it may use the reserve at the end of a segment, and a small segment beyond the allowed space.
     */
    @Override
    public void appendUrgent(ByteBuffer body, long[] lastSequences) {
        append(body, lastSequences, 0);
    }

    private void append(ByteBuffer body, long[] lastSequences, long reserve) {
        checkOpen();
        Tail.Sequences sequences = check(body, lastSequences);
        force();
        write(FrameKind.DATA, body, sequences, reserve);
    }

    /**
     * Makes the last frame durable; returns at once if it is.
     *
     * @throws JournalForceException if it is unknown whether the frame is durable; the journal goes on without it
     */
    @Override
    public void force() {
        checkOpen();
        if (current == null || written.end() == forced.end()) return;

        try {
            current.force();
            forced = written;
        } catch (IOException e) {
            seal(current);
            throw unknown(e);
        }
    }

    /**
     * Deletes the oldest segments that are applied as a whole, and were kept long enough or are in the way. Never the newest, never one that is
     * needed. A deletion that fails is logged and tried again with the next call.
     *
     * @param watermarks per partition, the sequence up to which the journal is not needed any more
     */
    @Override
    public void release(long[] watermarks) {
        checkOpen();
        kept.release(watermarks, current == null ? 1 : 0);
        makeRoom(2 * settings.policy().segmentBytes());
        usedBytes = kept.bytes() + (current == null ? 0 : current.bytes());
    }

    /**
     * Hands out again all frames that are still there, forced or not, from the oldest checkpoint on.
     *
     * @throws JournalDamagedException if something is not as it was written
     * @throws JournalAccessException if reading failed
     */
    @Override
    public void reread(Replay replay) {
        checkOpen();
        try {
            JournalWalk.upTo(written, disk, manifest, new ReplayVisitor(replay));
        } catch (IOException e) {
            throw new JournalAccessException("journal %s cannot be read: %s".formatted(disk.description(), e), e);
        }
    }

    /** Bytes of all segments. Any thread may ask. */
    @Override
    public long usedBytes() {
        return usedBytes;
    }

    /** The segments, oldest first. */
    public List<SegmentInfo> segments() {
        List<SegmentInfo> segments = new ArrayList<>(kept.list());
        if (current != null) segments.add(new SegmentInfo(current.name(), current.bytes()));
        return List.copyOf(segments);
    }

    /**
     * Forces the last frame, ends the journal with a durable record that it is complete, and gives the lock back; only the
     * first call does anything. Where nothing was appended since the opening, or the last segment failed, there is no such
     * record: the next start then finds a journal as after a crash.
     *
     * @throws JournalWriteException if the record was refused; no frame is affected
     * @throws JournalForceException if it is unknown whether the last frame or the record is durable
     */
    @Override
    public void close() {
        if (closed) return;
        try {
            end();
        } finally {
            closed = true;
            closeQuietly(lock);
        }
    }

    private void end() {
        force();
        if (current == null) return;
        write(FrameKind.END, ByteBuffer.allocate(0), forced.sequences(), 0);
        force();
        seal(current);
    }

    private void write(FrameKind kind, ByteBuffer body, Tail.Sequences sequences, long reserve) {
        SegmentWriter segment = segmentFor(kind, body, reserve);
        ByteBuffer extent = encoder.encode(kind, segment.index(), forced.number() + 1, sequences.toArray(), body);
        int bytes = extent.remaining();
        try {
            segment.write(extent, forced.end());
        } catch (IOException e) {
            throw takeBack(segment, bytes, e);
        }
        written = new Tail(segment.index(), forced.end(), forced.end() + bytes, forced.number() + 1, sequences);
    }

    private RuntimeException takeBack(SegmentWriter segment, int bytes, IOException cause) {
        try {
            segment.erase(forced.end(), bytes);
            return refused("a write failed", cause);
        } catch (IOException e) {
            cause.addSuppressed(e);
            return unknown(cause);
        } finally {
            seal(segment);
        }
    }

    /** The current segment if the frame fits, with the reserve and the end record behind it; otherwise a new one. */
    private SegmentWriter segmentFor(FrameKind kind, ByteBuffer body, long reserve) {
        long needed = extentBytes(body) + (kind == FrameKind.END ? 0 : extentBytes(ByteBuffer.allocate(0)));
        if (current != null && forced.end() + needed + reserve <= current.bytes()) return current;

        SegmentWriter full = current;
        SegmentWriter segment = create(needed + reserve, reserve == 0);
        if (full != null) seal(full);
        current = segment;
        usedBytes = kept.bytes() + segment.bytes();
        return segment;
    }

    private SegmentWriter create(long needed, boolean urgent) {
        ByteBuffer extent = encoder.encode(
                FrameKind.CHECKPOINT,
                forced.segment() + 1,
                forced.number() + 1,
                forced.sequences().toArray(),
                checkpoint.get());
        int first = Sectors.BYTES + extent.remaining();
        long least = urgent ? 0 : settings.policy().segmentBytes();
        long bytes = Sectors.roundUp(Math.max(least, first + needed + (urgent ? settings.reserveBytes() : 0)));
        makeRoom(bytes);
        if (!urgent && usedBytes + bytes > settings.policy().maxBytes()) throw overBudget(bytes);

        SegmentHeader header = new SegmentHeader(manifest.journal(), forced.segment() + 1, forced.end(), bytes);
        try {
            SegmentWriter segment = SegmentWriter.create(disk, header, extent);
            forced = new Tail(header.index(), Sectors.BYTES, first, forced.number() + 1, forced.sequences());
            written = forced;
            return segment;
        } catch (IOException e) {
            throw refused("no new segment of %d bytes could be made".formatted(bytes), e);
        }
    }

    /** Applied segments are kept only as long as nobody needs their space. */
    private void makeRoom(long bytes) {
        while (usedBytes + bytes > settings.policy().maxBytes() && kept.deleteApplied())
            usedBytes = kept.bytes() + (current == null ? 0 : current.bytes());
    }

    private long extentBytes(ByteBuffer body) {
        return FrameHeader.extentBytes(settings.partitions(), body.remaining());
    }

    /** Ends the current segment behind its last forced frame. */
    private void seal(SegmentWriter segment) {
        kept.add(new Segment(segment.name(), segment.bytes(), forced.sequences()));
        current = null;
        written = forced;
        closeQuietly(segment::close);
    }

    private void checkOpen() {
        if (closed) throw new IllegalStateException("journal %s is closed".formatted(disk.description()));
    }

    private Tail.Sequences check(ByteBuffer body, long[] lastSequences) {
        if (body.remaining() > MAX_BODY_BYTES) {
            throw new IllegalArgumentException(
                    "a frame holds at most %d bytes, was given %d".formatted(MAX_BODY_BYTES, body.remaining()));
        }
        Tail.Sequences sequences = Tail.Sequences.of(lastSequences);
        if (lastSequences.length != settings.partitions()
                || !written.sequences().areCoveredBy(lastSequences)) {
            throw new IllegalArgumentException(
                    "sequences must not fall: %s is followed by %s".formatted(written.sequences(), sequences));
        }
        return sequences;
    }

    private JournalWriteException overBudget(long bytes) {
        return new JournalWriteException(
                "journal %s is full: a segment of %d bytes does not fit, %d of %d bytes are used"
                        .formatted(
                                disk.description(),
                                bytes,
                                usedBytes,
                                settings.policy().maxBytes()),
                null);
    }

    private JournalWriteException refused(String what, IOException cause) {
        return new JournalWriteException(
                "journal %s: %s, so the frame is refused: %s".formatted(disk.description(), what, cause), cause);
    }

    private JournalForceException unknown(IOException cause) {
        return new JournalForceException(
                "journal %s: it is unknown whether the frame behind segment %d, offset %d is durable: %s"
                        .formatted(disk.description(), forced.segment(), forced.end(), cause),
                cause);
    }

    private void closeQuietly(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            LOG.warn("journal {}: could not close a file that is not needed any more", disk.description(), e);
        }
    }
}
