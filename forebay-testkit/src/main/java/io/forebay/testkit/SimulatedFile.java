package io.forebay.testkit;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** Content of a file of a {@link SimulatedDisk}, under that disk's lock. */
final class SimulatedFile {
    private static final int SECTOR = 512;

    private final Map<Long, Sector> sectors = new TreeMap<>(); // in order, so that chances are repeatable
    private long size;
    private long durableSize;

    long size() {
        return size;
    }

    int read(ByteBuffer target, long position) {
        int total = 0;
        while (target.hasRemaining() && position + total < size) {
            long at = position + total;
            int from = (int) (at % SECTOR);
            int count = (int) Math.min(Math.min(target.remaining(), SECTOR - from), size - at);
            Sector sector = sectors.get(at / SECTOR);
            target.put(sector == null ? new byte[SECTOR] : sector.visible(), from, count);
            total += count;
        }
        return total;
    }

    /** Writes at most {@code limit} bytes. */
    void write(ByteBuffer source, long position, long limit) {
        long end = position + Math.min(limit, source.remaining());
        for (long at = position; at < end; ) {
            int from = (int) (at % SECTOR);
            int count = (int) Math.min(SECTOR - from, end - at);
            Sector sector = sectors.computeIfAbsent(at / SECTOR, n -> new Sector());
            byte[] content = sector.visible().clone();
            source.get(content, from, count);
            sector.write(content);
            at += count;
            size = Math.max(size, at);
        }
    }

    void truncate(long newSize) {
        sectors.forEach((number, sector) -> {
            long kept = Math.max(0, newSize - number * SECTOR);
            if (kept >= SECTOR) return;
            byte[] content = new byte[SECTOR];
            System.arraycopy(sector.visible(), 0, content, 0, (int) kept);
            sector.write(content);
        });
        size = Math.min(size, newSize);
    }

    void flip(long offset, int bit) {
        Sector sector = sectors.computeIfAbsent(offset / SECTOR, n -> new Sector());
        sector.flip((int) (offset % SECTOR), bit);
    }

    void force() {
        durableSize = size;
        sectors.values().forEach(Sector::force);
    }

    void failForce() {
        sectors.values().forEach(Sector::failForce);
    }

    SimulatedFile afterPowerCut(Random random) {
        SimulatedFile next = new SimulatedFile();
        next.size = random.nextBoolean() ? size : durableSize;
        next.durableSize = next.size;
        sectors.forEach((number, sector) -> {
            byte[] content = sector.afterPowerCut(random);
            if (number * SECTOR < next.size) next.sectors.put(number, new Sector(content));
        });
        return next;
    }

    /** One sector: what is durable, and what was written since. */
    private static final class Sector {
        private byte[] durable;
        private final List<byte[]> unforced = new ArrayList<>(1);
        private boolean takenForClean;

        Sector() {
            this(new byte[SECTOR]);
        }

        Sector(byte[] durable) {
            this.durable = durable;
        }

        byte[] visible() {
            return unforced.isEmpty() ? durable : unforced.get(unforced.size() - 1);
        }

        void write(byte[] content) {
            unforced.add(content);
            takenForClean = false;
        }

        void force() {
            if (takenForClean || unforced.isEmpty()) return;
            durable = visible();
            unforced.clear();
        }

        /** As Linux does: the system forgets that the sector has to be written, and still shows it. */
        void failForce() {
            takenForClean = !unforced.isEmpty();
        }

        void flip(int offset, int bit) {
            durable = flipped(durable, offset, bit);
            unforced.replaceAll(content -> flipped(content, offset, bit));
        }

        private static byte[] flipped(byte[] content, int offset, int bit) {
            byte[] copy = content.clone();
            copy[offset] ^= (byte) (1 << bit);
            return copy;
        }

        byte[] afterPowerCut(Random random) {
            int choice = random.nextInt(unforced.size() + 1);
            return choice == 0 ? durable : unforced.get(choice - 1);
        }
    }
}
