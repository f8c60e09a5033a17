package io.forebay.benchmarks;

import io.forebay.Ack;
import io.forebay.BufferPolicy;
import io.forebay.FlushPolicy;
import io.forebay.Forebay;
import io.forebay.FullPolicy;
import io.forebay.Table;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/** The forked part of {@link Recover}: writes a journal and dies, or opens it several times. */
final class RecoverChild {
    static final String BARE = "the files read and checked, no more";
    static final String COLD = "Forebay, in a JVM that has just started";
    static final String WARM = "Forebay, started again in the same JVM";

    private RecoverChild() {}

    /** What to do, folder of the journal, rows, iterations. */
    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[1]);
        int rows = Integer.parseInt(arguments[2]);
        if (arguments[0].equals("write")) write(folder, rows);
        else replay(folder, rows, Integer.parseInt(arguments[3]));
    }

    private static void write(Path folder, int rows) {
        Forebay forebay = open(folder);
        Table counters = forebay.table("counters");
        Ack last = counters.row(0).increment("value");
        for (int id = 1; id < rows; id++) last = counters.row(id).increment("value");
        last.await();
        Runtime.getRuntime().halt(0); // no end record, as after a crash
    }

    private static void replay(Path folder, int rows, int iterations) throws IOException {
        for (int i = 0; i < iterations; i++) Fork.report(BARE, rows / seconds(() -> readAll(folder)));
        Fork.report(COLD, recover(folder, rows));
        for (int i = 0; i < iterations; i++) Fork.report(WARM, recover(folder, rows));
    }

    /** Entries per second of one start; what was recovered stays in the journal. */
    private static double recover(Path folder, int rows) throws IOException {
        Forebay[] opened = new Forebay[1];
        double seconds = seconds(() -> opened[0] = open(folder));
        long pending = opened[0].stats().pendingRows();
        opened[0].close(Duration.ZERO);
        if (pending != rows) throw new IllegalStateException("%d of %d rows came back".formatted(pending, rows));
        return rows / seconds;
    }

    private static Forebay open(Path folder) {
        return Forebay.builder()
                .database("nowhere", new HoldingSink(new AcceptingSink()))
                .journal(folder)
                .flush(FlushPolicy.DEFAULT.withInterval(Duration.ofHours(1), Duration.ZERO))
                .buffer(new BufferPolicy(4L << 30, 50_000_000, FullPolicy.BLOCK, Duration.ofSeconds(30)))
                .build();
    }

    private interface Work {
        void run() throws IOException;
    }

    private static double seconds(Work work) throws IOException {
        long start = System.nanoTime();
        work.run();
        return (System.nanoTime() - start) / 1e9;
    }

    private static void readAll(Path folder) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(folder)) {
            files = all.filter(Files::isRegularFile).toList();
        }
        ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20);
        CRC32C crc = new CRC32C();
        for (Path file : files) read(file, buffer, crc);
        if (crc.getValue() == 0) throw new IllegalStateException("nothing was read");
    }

    private static void read(Path file, ByteBuffer buffer, CRC32C crc) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            while (channel.read(buffer.clear()) >= 0) crc.update(buffer.flip());
        }
    }
}
