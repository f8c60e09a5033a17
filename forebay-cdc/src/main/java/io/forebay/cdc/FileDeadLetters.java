package io.forebay.cdc;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Dead letters in a file, one line of JSON each, forced to the disk. One process at a time. While they are replayed they are in a
 * second file beside it, {@code NAME.replay}; what a process that died left there is taken up by the next replay.
 */
public final class FileDeadLetters implements DeadLetters {
    private final Path file;
    private final Path replayed;
    private final FileChannel lockFile;
    private FileChannel letters; // guarded by this

    private FileDeadLetters(Path file, FileChannel lockFile) throws IOException {
        this.file = file;
        this.replayed = sibling(file, ".replay");
        this.lockFile = lockFile;
        this.letters = open(file);
    }

    /**
     * Opens the file, or makes it. A last line that was not written to its end is cut off: its letter was never acknowledged.
     *
     * @throws IllegalStateException if another process has it open
     * @throws UncheckedIOException if it cannot be read and written
     */
    public static FileDeadLetters at(Path file) {
        try {
            return new FileDeadLetters(file, lock(file));
        } catch (IOException e) {
            throw new UncheckedIOException("the dead letters could not be opened: " + file, e);
        }
    }

    private static FileChannel lock(Path file) throws IOException {
        FileChannel channel =
                FileChannel.open(sibling(file, ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) return channel;
        } catch (OverlappingFileLockException e) {
            channel.close();
            throw new IllegalStateException("the dead letters are open in this process: " + file, e);
        }
        channel.close();
        throw new IllegalStateException("another process has the dead letters open: " + file);
    }

    private static Path sibling(Path file, String suffix) {
        return file.resolveSibling(file.getFileName() + suffix);
    }

    private static FileChannel open(Path file) throws IOException {
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        channel.truncate(endOfLastLine(file));
        channel.position(channel.size());
        return channel;
    }

    private static long endOfLastLine(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int end = bytes.length;
        while (end > 0 && bytes[end - 1] != '\n') end--;
        return end;
    }

    @Override
    public synchronized void add(DeadLetter letter) {
        try {
            long before = letters.position();
            try {
                write(letter);
            } catch (IOException e) {
                letters.truncate(before); // half a line would spoil the next one
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the dead letter could not be written to " + file, e);
        }
    }

    private void write(DeadLetter letter) throws IOException {
        ByteBuffer line = ByteBuffer.wrap((DeadLetterJson.write(letter) + "\n").getBytes(StandardCharsets.UTF_8));
        while (line.hasRemaining()) letters.write(line);
        letters.force(false);
    }

    @Override
    public Replayed replay(Function<DeadLetter, CompletableFuture<Boolean>> handler) throws InterruptedException {
        try {
            List<DeadLetter> taken = take();
            List<CompletableFuture<Boolean>> results = new ArrayList<>();
            for (DeadLetter letter : taken) results.add(handler.apply(letter));
            int left = 0;
            for (int i = 0; i < taken.size(); i++) {
                if (isHandled(results.get(i))) continue;
                add(taken.get(i));
                left++;
            }
            Files.deleteIfExists(replayed);
            return new Replayed(taken.size() - left, left);
        } catch (IOException e) {
            throw new UncheckedIOException("the dead letters could not be read from " + file, e);
        }
    }

    private static boolean isHandled(CompletableFuture<Boolean> result) throws InterruptedException {
        try {
            return result.get();
        } catch (ExecutionException e) {
            return false;
        }
    }

    /** Moves all letters to the second file, behind what is there, and returns them. */
    private synchronized List<DeadLetter> take() throws IOException {
        letters.close();
        if (Files.exists(replayed)) {
            Files.write(replayed, Files.readAllBytes(file), StandardOpenOption.APPEND, StandardOpenOption.SYNC);
            Files.delete(file);
        } else {
            Files.move(file, replayed, StandardCopyOption.ATOMIC_MOVE);
        }
        letters = open(file);
        try (Stream<String> lines = Files.lines(replayed)) {
            return lines.map(DeadLetterJson::read).toList();
        }
    }

    @Override
    public synchronized void close() {
        try {
            letters.close();
            lockFile.close();
        } catch (IOException e) {
            throw new UncheckedIOException("the dead letters could not be closed: " + file, e);
        }
    }
}
