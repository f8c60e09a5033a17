package io.forebay.testkit.crash;

import io.forebay.spi.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Lets a journal's disk be full now and then. As on a real one, what was allocated can still be written: only a write that
 * makes a file larger fails, and leaves a part of itself behind. Thread-safe.
 */
final class FullDisk implements WatchedDisk.Hands {
    private static final int GROWTHS_WITH_ROOM = 3;
    private static final int GROWTHS_WITHOUT = 20;

    private final WatchedDisk.Hands next;
    private final AtomicInteger growths = new AtomicInteger();

    FullDisk(WatchedDisk.Hands next) {
        this.next = next;
    }

    @Override
    public void write(String name, Disk.File file, ByteBuffer source, long position) throws IOException {
        boolean grows = name.endsWith(".segment") && position + source.remaining() > file.size();
        if (grows && isFull()) {
            file.write(CrashChild.firstHalf(source), position);
            throw new IOException("No space left on device");
        }
        next.write(name, file, source, position);
    }

    private boolean isFull() {
        return growths.getAndIncrement() % (GROWTHS_WITH_ROOM + GROWTHS_WITHOUT) >= GROWTHS_WITH_ROOM;
    }
}
