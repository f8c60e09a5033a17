package io.forebay.testkit.batch;

import io.forebay.Ack;
import io.forebay.BufferPolicy;
import io.forebay.ForebayListener;
import io.forebay.FullPolicy;
import io.forebay.JournalPolicy;
import io.forebay.batch.BatchBuffer;
import io.forebay.batch.BatchListener;
import io.forebay.batch.EventBatch;
import io.forebay.spi.Batch;
import io.forebay.spi.BatchResult;
import io.forebay.testkit.crash.CrashChild;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/** Adds events of one writer until it is told to end, and hands them to a file, one line a batch. */
public final class BatchCrashMain {
    private static final int MAX_OUTSTANDING = 50;
    private static final int MIN_EVENTS = 300;

    private BatchCrashMain() {}

    /** Arguments: the journal's directory, the file, the round, which is the number of the writer. */
    public static void main(String[] arguments) throws IOException {
        CrashChild child = new CrashChild();
        long writer = Long.parseLong(arguments[2]);
        try (FileChannel file =
                        FileChannel.open(Path.of(arguments[1]), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
                BatchBuffer<String, Integer> buffer = open(child, Path.of(arguments[0]), file)) {
            child.ready();
            write(child, buffer, writer);
        }
    }

    private static BatchBuffer<String, Integer> open(CrashChild child, Path journal, FileChannel file) {
        return BatchBuffer.<String, Integer>builder("crash", batch -> append(file, batch))
                .partitions(3)
                .partitionBy(event -> event.substring(0, event.indexOf('.')))
                .journal(() -> child.journal(journal).apply("crash"), new TextCodec())
                .journalPolicy(new JournalPolicy(256 << 10, Duration.ofSeconds(1), 1 << 20, 1 << 30))
                .maxSize(20, 10)
                .buffer(new BufferPolicy(1 << 20, 500, FullPolicy.BLOCK, Duration.ofSeconds(30)))
                .flushInterval(Duration.ofMillis(20), Duration.ofMillis(10))
                .retry(Duration.ofMillis(5), Duration.ofMillis(50))
                .listener(listener(child))
                .build();
    }

    private static Integer append(FileChannel file, EventBatch<String> batch) throws IOException {
        if (batch.id().hashCode() % 5 == 0 && System.nanoTime() % 2 == 0) throw new IOException("not this time");
        String line = batch.id() + " " + String.join(" ", batch.events()) + "\n";
        file.write(ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8)));
        if (batch.id().hashCode() % 7 == 0 && System.nanoTime() % 2 == 0) throw new IOException("written, and failed");
        return batch.events().size();
    }

    private static BatchListener listener(CrashChild child) {
        ForebayListener killer = child.listener();
        return new BatchListener() {
            @Override
            public void appended(String database, int windows, int bytes) {
                killer.appended(database, windows, bytes);
            }

            @Override
            public void forced(String database, int windows, Duration took) {
                killer.forced(database, windows, took);
            }

            @Override
            public void sealed(String database, Batch batch) {
                killer.sealed(database, batch);
            }

            @Override
            public void flushed(String database, Batch batch, BatchResult result, Duration took) {
                killer.flushed(database, batch, result, took);
            }
        };
    }

    private static void write(CrashChild child, BatchBuffer<String, Integer> buffer, long writer) {
        Deque<Ack> outstanding = new ArrayDeque<>();
        long acknowledged = 0;
        for (long number = 1; number <= MIN_EVENTS || !child.isToldToEnd(); number++) {
            child.sending(writer, number);
            outstanding.add(buffer.add(writer + "." + number));
            if (outstanding.size() < MAX_OUTSTANDING) continue;
            outstanding.poll().await();
            child.acknowledged(writer, ++acknowledged);
        }
        for (Ack ack : outstanding) {
            ack.await();
            child.acknowledged(writer, ++acknowledged);
        }
    }
}
