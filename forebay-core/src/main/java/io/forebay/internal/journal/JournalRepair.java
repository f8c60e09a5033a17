package io.forebay.internal.journal;

import io.forebay.JournalAccessException;
import io.forebay.JournalDamagedException;
import io.forebay.spi.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Cuts a damaged journal at its first damage. What it takes out is kept beside it in files named {@code *.damaged}. If the
 * power fails in its middle, it can be run again.
 */
public final class JournalRepair {
    private static final int COPY_BYTES = 1 << 20;

    private final Disk disk;
    private final Manifest manifest;
    private final List<String> copies = new ArrayList<>();
    private long frames;
    private long bytes;

    private JournalRepair(Disk disk, Manifest manifest) {
        this.disk = disk;
        this.manifest = manifest;
    }

    /**
     * What a repair took out.
     *
     * @param frames number of data frames that were dropped, as far as their headers can be read
     * @param bytes size of these frames
     * @param copies files that keep what was dropped; empty if the journal was not damaged
     */
    public record Result(long frames, long bytes, List<String> copies) {
        public Result {
            copies = List.copyOf(copies);
        }
    }

    /**
     * Cuts the journal at its first damage; one without damage stays as it is.
     *
     * @throws JournalDamagedException if the manifest itself is damaged: it must come from a backup
     * @throws JournalAccessException if the journal is in use, or reading or writing failed
     */
    @SuppressWarnings("try") // the lock is only held
    public static Result repair(Disk disk) {
        try (AutoCloseable lock = Journal.lock(disk)) {
            Manifest manifest = new ManifestFile(disk).read();
            if (manifest == null) return new Result(0, 0, List.of());
            return new JournalRepair(disk, manifest).run();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new JournalAccessException("journal %s cannot be repaired: %s".formatted(disk.description(), e), e);
        }
    }

    private Result run() throws IOException {
        while (true) {
            try {
                JournalWalk.through(disk, manifest, (frame, offset, body) -> {});
                return new Result(frames, bytes, copies);
            } catch (JournalDamagedException e) {
                cut(e.file(), e.offset());
            }
        }
    }

    /** The newest segment goes first, so that there is never a gap; the damaged one last, so that damage stays visible. */
    private void cut(String file, long offset) throws IOException {
        List<String> names = new ArrayList<>(SegmentNames.in(disk));
        Collections.reverse(names);
        for (String name : names) {
            if (name.compareTo(file) > 0) setAside(name);
        }
        if (!names.contains(file)) return;
        if (offset <= SegmentReader.FIRST_FRAME) {
            setAside(file);
        } else {
            copyAndZero(file, offset);
        }
    }

    private void setAside(String name) throws IOException {
        count(name, SegmentReader.FIRST_FRAME);
        String copy = freeName(name);
        disk.rename(name, copy);
        disk.forceDirectory();
        copies.add(copy);
    }

    private void copyAndZero(String name, long offset) throws IOException {
        count(name, offset);
        String copy = freeName(name);
        try (Disk.File source = disk.open(name);
                Disk.File target = disk.create(copy)) {
            copy(source, target);
            target.force();
            disk.forceDirectory();
            zero(source, offset);
            source.force();
        }
        copies.add(copy);
    }

    private static void copy(Disk.File source, Disk.File target) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(COPY_BYTES);
        for (long at = 0; at < source.size(); at += COPY_BYTES) {
            source.read(buffer.clear(), at);
            target.write(buffer.flip(), at);
        }
    }

    private static void zero(Disk.File file, long from) throws IOException {
        long end = file.size();
        for (long at = from; at < end; at += COPY_BYTES) {
            file.write(ByteBuffer.allocate((int) Math.min(COPY_BYTES, end - at)), at);
        }
    }

    private String freeName(String name) throws IOException {
        List<String> files = disk.list();
        String copy = name + ".damaged";
        for (int n = 2; files.contains(copy); n++) copy = "%s.damaged-%d".formatted(name, n);
        return copy;
    }

    private void count(String name, long from) throws IOException {
        try (SegmentReader reader = new SegmentReader(disk, name)) {
            for (FrameHeader frame : reader.framesFrom(from)) {
                frames++;
                bytes += frame.extentBytes();
            }
        }
    }
}
