package io.forebay.testservers;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A real file system that is small enough to be full: one in memory, mounted for a test. Not thread-safe. */
public final class SmallDisk implements AutoCloseable {
    /** Why {@link #mount} gave none, for the message of a test that is skipped. */
    public static final String NOT_HERE = "skipped: a tmpfs cannot be mounted here, this takes root";

    private static final int PAGE_BYTES = 4096;

    private final Path folder;

    private SmallDisk(Path folder) {
        this.folder = folder;
    }

    /** Mounts a file system of {@code bytes} on an existing folder; empty where this is not allowed. */
    public static Optional<SmallDisk> mount(Path folder, long bytes) {
        boolean mounted =
                Processes.succeeds("mount", "-t", "tmpfs", "-o", "size=" + bytes, "forebay-test", folder.toString());
        return mounted ? Optional.of(new SmallDisk(folder)) : Optional.empty();
    }

    /** Where it is mounted. */
    public Path folder() {
        return folder;
    }

    /** Makes a folder in it that belongs to the user whom servers run as. */
    public Path serverFolder(String name) {
        try {
            Path made = Files.createDirectory(folder.resolve(name));
            Processes.makeOwned(made);
            return made;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Takes all the space that is left, until {@link #makeRoom}. */
    public void fill() {
        try (RandomAccessFile file = new RandomAccessFile(ballast().toFile(), "rw")) {
            byte[] page = new byte[PAGE_BYTES];
            file.seek(file.length());
            while (true) file.write(page);
        } catch (IOException e) {
            if (!String.valueOf(e.getMessage()).contains("No space left on device"))
                throw new UncheckedIOException("could not fill " + folder, e);
        }
    }

    /** Gives back what {@link #fill} took. */
    public void makeRoom() {
        try {
            Files.deleteIfExists(ballast());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path ballast() {
        return folder.resolve("ballast");
    }

    /** Unmounts it; what was in it is gone. */
    @Override
    public void close() {
        if (!Processes.succeeds("umount", folder.toString()))
            throw new IllegalStateException(folder + " cannot be unmounted: something still uses it");
    }
}
