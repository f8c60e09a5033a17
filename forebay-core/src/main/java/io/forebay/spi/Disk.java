package io.forebay.spi;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The files of a journal: everything a journal does to a disk goes through here, so that tests can run it on a disk that
 * forgets whatever was not forced. One directory, no subdirectories; names are plain file names. Thread-safe.
 */
public interface Disk {
    /** Names the directory in messages. */
    String description();

    /** Names of the files, in no order. */
    List<String> list() throws IOException;

    /**
     * Takes the lock of the directory for this process; held until the returned handle is closed.
     *
     * @throws IOException if another process, or another instance in this one, holds it
     */
    AutoCloseable lock() throws IOException;

    /**
     * Creates a file for reading and writing. Its name is durable only after {@link #forceDirectory}.
     *
     * @throws java.nio.file.FileAlreadyExistsException if it exists
     */
    File create(String name) throws IOException;

    /** Opens an existing file for reading and writing. */
    File open(String name) throws IOException;

    /** Renames a file, replacing what has the new name; durable after {@link #forceDirectory}. */
    void rename(String from, String to) throws IOException;

    /** Deletes a file; durable after {@link #forceDirectory}. */
    void delete(String name) throws IOException;

    /** Makes creations, renames and deletions durable. */
    void forceDirectory() throws IOException;

    /** Bytes the file system can still take, as far as it tells. */
    long freeBytes() throws IOException;

    /** One open file. Positions are absolute. Not thread-safe. */
    interface File extends AutoCloseable {
        long size() throws IOException;

        /** Fills {@code target} from {@code position} on; fewer bytes only at the end of the file. Returns how many. */
        int read(ByteBuffer target, long position) throws IOException;

        /** Writes all of {@code source}; after an exception any part of it may have been written. */
        void write(ByteBuffer source, long position) throws IOException;

        /** Makes content and size durable; after an exception nothing is known of what was not forced before. */
        void force() throws IOException;

        void truncate(long size) throws IOException;

        @Override
        void close() throws IOException;
    }
}
