package io.forebay.examples;

import io.forebay.batch.BatchBuffer;
import io.forebay.batch.BatchHandler;
import io.forebay.batch.EventCodec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** The example of docs/batch-buffer.md: events that are not rows, handed over in batches. */
public final class ClickStream {
    private ClickStream() {}

    /** Who looked at what. */
    public record Click(String user, String path) {}

    /** One line of text a click. */
    static final class ClickCodec implements EventCodec<Click> {
        @Override
        public byte[] write(Click click) {
            return (click.user() + "\n" + click.path()).getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public Click read(byte[] bytes) {
            String[] fields = new String(bytes, StandardCharsets.UTF_8).split("\n", 2);
            return new Click(fields[0], fields[1]);
        }
    }

    public static void main(String[] args) {
        List<Integer> loaded = run(Path.of("click-stream"), batch -> {
            System.out.println("batch " + batch.id() + ": " + batch.events());
            return batch.events().size();
        });
        System.out.println(loaded + " clicks");
    }

    static List<Integer> run(Path journal, BatchHandler<Click, Integer> warehouse) {
        // tag::click-stream[]
        try (BatchBuffer<Click, Integer> clicks = BatchBuffer.builder("clicks", warehouse) // a function of the batch
                .partitions(4)
                .partitionBy(Click::user) // the clicks of one user keep their order
                .journal(journal, new ClickCodec()) // without it, what is pending ends with the process
                .build()) {
            clicks.add(new Click("ann", "/home")); // returns at once
            clicks.add(new Click("ann", "/cart")).await(); // forced to disk
            return clicks.flushAndWait(); // what the handler returned, batch by batch
        }
        // end::click-stream[]
    }
}
