package io.forebay.internal.journal;

import io.forebay.JournalAccessException;
import io.forebay.JournalDamagedException;
import io.forebay.spi.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a damaged journal at its first damage, and rebuilds a damaged manifest from the segments. What it takes out is kept
 * beside it in files named {@code *.damaged}. If the power fails in its middle, it can be run again.
 */
public final class JournalRepair {
    private static final int COPY_BYTES = 1 << 20;

    private final Disk disk;
    private final List<String> copies = new ArrayList<>();
    private long frames;
    private long bytes;
    private boolean manifestRebuilt;

    private JournalRepair(Disk disk) {
        this.disk = disk;
    }

    /**
     * What a repair did.
     *
     * @param manifestRebuilt whether the manifest was damaged or missing and is a new one, which names no database; the
     *     old one is kept as {@code manifest.damaged}
     * @param frames number of data frames that were dropped, as far as their headers can be read
     * @param bytes size of these frames
     * @param copies files that keep what was dropped
     */
    public record Result(boolean manifestRebuilt, long frames, long bytes, List<String> copies) {
        public Result {
            copies = List.copyOf(copies);
        }

        /** Whether there was nothing to do. */
        public boolean wasSound() {
            return !manifestRebuilt && copies.isEmpty();
        }
    }

    /**
     * Cuts the journal at its first damage; one without damage stays as it is. A manifest that is rebuilt names no database:
     * the journal belongs to the first one it is started with.
     *
     * @throws JournalAccessException if the journal is in use, if reading or writing failed, or if the manifest is damaged
     *     and the segments do not say what was in it
     */
    @SuppressWarnings("try") // the lock is only held
    public static Result repair(Disk disk) {
        try (AutoCloseable lock = Journal.lock(disk)) {
            return new JournalRepair(disk).run();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new JournalAccessException("journal %s cannot be repaired: %s".formatted(disk.description(), e), e);
        }
    }

    private Result run() throws IOException {
        Manifest manifest = soundManifest();
        if (manifest != null) cutAtDamage(manifest);
        return new Result(manifestRebuilt, frames, bytes, copies);
    }

    /** Null where there is no journal. */
    private @Nullable Manifest soundManifest() throws IOException {
        ManifestFile file = new ManifestFile(disk);
        try {
            return file.read();
        } catch (JournalDamagedException e) {
            Manifest rebuilt = file.rebuild(freeName(ManifestFile.NAME));
            manifestRebuilt = true;
            return rebuilt;
        }
    }

    private void cutAtDamage(Manifest manifest) throws IOException {
        while (true) {
            try {
                JournalWalk.through(disk, manifest, (frame, offset, body) -> {});
                return;
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
