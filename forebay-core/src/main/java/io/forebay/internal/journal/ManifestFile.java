package io.forebay.internal.journal;

import io.forebay.JournalAccessException;
import io.forebay.JournalDamagedException;
import io.forebay.spi.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The file of the manifest: replaced as a whole, so that it is the old one or the new one whenever the power fails. */
final class ManifestFile {
    static final String NAME = "manifest";
    private static final String TEMPORARY = "manifest.new";

    private final Disk disk;

    ManifestFile(Disk disk) {
        this.disk = disk;
    }

    /** The manifest of this journal, durable when this returns; a new one where there is no journal yet. */
    Manifest readOrCreate(int partitions) throws IOException {
        deleteTemporary();
        Manifest found = read();
        if (found == null) return write(Manifest.create(partitions));

        disk.forceDirectory(); // a kill may have come between the rename and its force
        return found;
    }

    /** Null where there is no journal; changes nothing. */
    @Nullable
    Manifest read() throws IOException {
        List<String> files = disk.list();
        if (files.contains(NAME)) return readFile();
        if (SegmentNames.in(disk).isEmpty()) return null;
        throw damaged("missing, though there are segments");
    }

    private Manifest readFile() throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Manifest.BYTES + 1); // one more, to see a file that is too long
        try (Disk.File file = disk.open(NAME)) {
            file.read(bytes, 0);
        }
        Manifest manifest = Manifest.read(bytes.flip());
        if (manifest == null) throw damaged("not a manifest, or not as it was written");
        if (manifest.version() == Manifest.VERSION) return manifest;
        throw new JournalAccessException(
                "journal %s has format version %d, this Forebay reads version %d"
                        .formatted(disk.description(), manifest.version(), Manifest.VERSION),
                null);
    }

    /** Replaces the manifest; when this returns, it is durable. */
    Manifest write(Manifest manifest) throws IOException {
        deleteTemporary();
        try (Disk.File file = disk.create(TEMPORARY)) {
            file.write(manifest.encode(), 0);
            file.force();
        }
        disk.rename(TEMPORARY, NAME);
        disk.forceDirectory();
        return manifest;
    }

    /**
     * Makes a manifest from what the segments say, which is all but the database; the damaged one is kept as {@code copy}.
     *
     * @throws JournalAccessException if the segments do not say it, or not the same
     */
    Manifest rebuild(String copy) throws IOException {
        Manifest found = null;
        for (String segment : SegmentNames.in(disk)) {
            Manifest said = saidBy(segment);
            if (found != null && said != null && !found.equals(said))
                throw notRebuilt("its segments are of different journals");
            if (said != null) found = said;
        }
        if (found == null) throw notRebuilt("no segment says which journal this is");
        if (disk.list().contains(NAME)) {
            disk.rename(NAME, copy);
            disk.forceDirectory();
        }
        return write(found);
    }

    private @Nullable Manifest saidBy(String segment) throws IOException {
        try (SegmentReader reader = new SegmentReader(disk, segment)) {
            return reader.manifest();
        }
    }

    private JournalAccessException notRebuilt(String problem) {
        return new JournalAccessException(
                "journal %s: the file %s is damaged and cannot be rebuilt: %s. Restore the directory from a backup, or move it away to begin a new journal"
                        .formatted(disk.description(), NAME, problem),
                null);
    }

    private void deleteTemporary() throws IOException {
        if (disk.list().contains(TEMPORARY)) disk.delete(TEMPORARY);
    }

    private JournalDamagedException damaged(String problem) {
        return new JournalDamagedException(disk.description(), NAME, 0, problem);
    }
}
