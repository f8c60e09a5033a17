package io.forebay.testkit;

import io.forebay.spi.Disk;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;

/**
 * A disk in memory that forgets what was not forced. What is written can be read at once, but survives a {@link #powerCut}
 * surely only after a force of its file, sector by sector of 512 bytes; names survive surely only after a force of the
 * directory. It is harsher than file systems are: each unforced sector comes back in any state it had since its last force,
 * each unforced change of a name is kept or lost without regard to the others, and after a failed force a sector that is
 * not written again never becomes durable, however often it is forced, though reads show it.
 *
 * <p>All chances come from the seed: the same calls give the same disk. Thread-safe.
 */
public final class SimulatedDisk implements Disk {
    private static final long NEVER = Long.MAX_VALUE;

    private final Random random;
    private final Map<String, SimulatedFile> names = new HashMap<>();
    private final Map<String, SimulatedFile> durableNames = new HashMap<>();
    private final List<NameChange> unforcedChanges = new ArrayList<>();
    private final Map<String, Integer> forces = new HashMap<>();

    private boolean locked;
    private boolean dead;
    private long operations;
    private long operationsLeft = NEVER;
    private long writeFailsAfter = NEVER;
    private boolean forceFails;
    private boolean holdsWrites;
    private int heldWrites;
    private long limitBytes = NEVER;

    /** An empty disk whose chances come from {@code seed}. */
    public SimulatedDisk(long seed) {
        this(new Random(new SplittableRandom(seed).nextLong())); // Random alone begins alike for seeds that are close
    }

    private SimulatedDisk(Random random) {
        this.random = random;
    }

    /**
     * The disk as the next start finds it after a power failure; this one answers every use with an {@link IOException} from
     * now on. Faults that were set are not carried over.
     */
    public synchronized SimulatedDisk powerCut() {
        die();
        SimulatedDisk next = new SimulatedDisk(random);
        Map<String, SimulatedFile> found = new HashMap<>(durableNames);
        for (NameChange change : unforcedChanges) {
            if (random.nextBoolean()) change.applyTo(found);
        }
        found.forEach((name, file) -> next.addDurable(name, file.afterPowerCut(random)));
        return next;
    }

    /**
     * The disk as the next start finds it after this process was killed: all that was written is there, forced or not, and
     * the lock is free. This one answers every use with an {@link IOException} from now on. Faults that were set are not
     * carried over.
     */
    public synchronized SimulatedDisk crash() {
        die();
        SimulatedDisk next = new SimulatedDisk(random);
        next.names.putAll(names);
        next.durableNames.putAll(durableNames);
        next.unforcedChanges.addAll(unforcedChanges);
        return next;
    }

    /**
     * Lets {@code count} more operations pass that change or force something; the one after them is done in part or not at
     * all, and every use from then on fails with an {@link IOException}. Then take the {@link #powerCut} or {@link #crash}.
     */
    public synchronized void dieAfter(long count) {
        operationsLeft = count;
    }

    /** Number of operations so far that changed or forced something. */
    public synchronized long operations() {
        return operations;
    }

    /** Lets the next write fail after its first {@code bytes} bytes arrived, or after all if it has fewer. */
    public synchronized void failNextWrite(long bytes) {
        writeFailsAfter = bytes;
    }

    /** Keeps every write back from now on, until {@link #powerCut} or {@link #crash} lets it fail: nothing of it arrives. */
    public synchronized void holdWrites() {
        holdsWrites = true;
    }

    /**
     * Waits until a write is kept back.
     *
     * @throws InterruptedException if the thread is interrupted before
     */
    public synchronized void awaitHeldWrite() throws InterruptedException {
        while (heldWrites == 0) wait();
    }

    /** Lets the next force, of a file or of the directory, fail. */
    public synchronized void failNextForce() {
        forceFails = true;
    }

    /**
     * Lets the files together grow to {@code bytes} at most: a write beyond puts in what fits and fails with "No space left
     * on device". What they already take is not cut.
     */
    public synchronized void limitTo(long bytes) {
        limitBytes = bytes;
    }

    /** Flips one bit, 0 to 7, of a file, as a disk that goes bad does: durably and unnoticed. */
    public synchronized void corrupt(String file, long offset, int bit) {
        SimulatedFile found = names.get(file);
        if (found == null || offset < 0 || offset >= found.size() || bit < 0 || bit > 7) {
            throw new IllegalArgumentException("there is no bit %d at offset %d of %s".formatted(bit, offset, file));
        }
        found.flip(offset, bit);
    }

    /** How often the file was forced under this name, successfully or not. */
    public synchronized int forces(String file) {
        return forces.getOrDefault(file, 0);
    }

    @Override
    public String description() {
        return "simulated";
    }

    @Override
    public synchronized List<String> list() throws IOException {
        checkAlive();
        return names.keySet().stream().sorted().toList();
    }

    @Override
    public synchronized AutoCloseable lock() throws IOException {
        checkAlive();
        if (locked) {
            throw new IOException("journal simulated is in use by another process (or by another Forebay in this one)");
        }
        locked = true;
        return this::unlock;
    }

    private synchronized void unlock() {
        locked = false;
    }

    @Override
    public synchronized File create(String name) throws IOException {
        checkAlive();
        if (names.containsKey(name)) throw new FileAlreadyExistsException(name);
        SimulatedFile file = new SimulatedFile();
        change(found -> found.put(name, file));
        return new Handle(name, file);
    }

    @Override
    public synchronized File open(String name) throws IOException {
        checkAlive();
        return new Handle(name, existing(name));
    }

    @Override
    public synchronized void rename(String from, String to) throws IOException {
        SimulatedFile file = existing(from);
        change(found -> {
            found.remove(from);
            found.put(to, file);
        });
    }

    @Override
    public synchronized void delete(String name) throws IOException {
        existing(name);
        change(found -> found.remove(name));
    }

    private void change(NameChange change) throws IOException {
        beginOperation();
        change.applyTo(names);
        unforcedChanges.add(change);
    }

    @Override
    public synchronized void forceDirectory() throws IOException {
        beginOperation();
        if (forceFailsNow()) throw new IOException("injected: forcing the directory failed");
        durableNames.clear();
        durableNames.putAll(names);
        unforcedChanges.clear();
    }

    @Override
    public synchronized long freeBytes() throws IOException {
        checkAlive();
        return limitBytes == NEVER ? NEVER : Math.max(0, limitBytes - usedBytes());
    }

    private long usedBytes() {
        return names.values().stream().mapToLong(SimulatedFile::size).sum();
    }

    private SimulatedFile existing(String name) throws IOException {
        checkAlive();
        SimulatedFile file = names.get(name);
        if (file == null) throw new NoSuchFileException(name);
        return file;
    }

    private void addDurable(String name, SimulatedFile file) {
        names.put(name, file);
        durableNames.put(name, file);
    }

    private void die() {
        dead = true;
        notifyAll();
    }

    private void hold() throws IOException {
        heldWrites++;
        notifyAll();
        try {
            while (holdsWrites && !dead) wait();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted in a write that was kept back");
        } finally {
            heldWrites--;
        }
    }

    private void checkAlive() throws IOException {
        if (dead) throw new IOException("this disk has died");
    }

    private void beginOperation() throws IOException {
        checkAlive();
        if (operationsLeft == 0) {
            dead = true;
            checkAlive();
        }
        if (operationsLeft != NEVER) operationsLeft--;
        operations++;
    }

    private boolean forceFailsNow() {
        boolean fails = forceFails;
        forceFails = false;
        return fails;
    }

    private void write(SimulatedFile file, ByteBuffer source, long position) throws IOException {
        if (holdsWrites) hold();
        checkAlive();
        if (operationsLeft == 0) file.write(source, position, random.nextInt(source.remaining() / 512 + 1) * 512L);
        beginOperation();

        long fits = limitBytes == NEVER ? NEVER : limitBytes - usedBytes() + file.size() - position;
        long passes = Math.max(0, Math.min(writeFailsAfter, Math.max(fits, file.size() - position)));
        boolean fails = passes < source.remaining() || writeFailsAfter != NEVER;
        String reason = writeFailsAfter == NEVER ? "No space left on device" : "injected: a write failed";
        writeFailsAfter = NEVER;
        file.write(source, position, passes);
        if (fails) throw new IOException(reason);
    }

    private void force(String name, SimulatedFile file) throws IOException {
        beginOperation();
        forces.merge(name, 1, Integer::sum);
        if (forceFailsNow()) {
            file.failForce();
            throw new IOException("injected: forcing " + name + " failed");
        }
        file.force();
    }

    /** A change of the directory, repeatable on another state of it. */
    private interface NameChange {
        void applyTo(Map<String, SimulatedFile> names);
    }

    private final class Handle implements File {
        private final String name;
        private final SimulatedFile file;

        Handle(String name, SimulatedFile file) {
            this.name = name;
            this.file = file;
        }

        @Override
        public long size() throws IOException {
            synchronized (SimulatedDisk.this) {
                checkAlive();
                return file.size();
            }
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            synchronized (SimulatedDisk.this) {
                checkAlive();
                return file.read(target, position);
            }
        }

        @Override
        public void write(ByteBuffer source, long position) throws IOException {
            synchronized (SimulatedDisk.this) {
                SimulatedDisk.this.write(file, source, position);
            }
        }

        @Override
        public void force() throws IOException {
            synchronized (SimulatedDisk.this) {
                SimulatedDisk.this.force(name, file);
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            synchronized (SimulatedDisk.this) {
                beginOperation();
                file.truncate(size);
            }
        }

        @Override
        public void close() {}
    }
}
