package io.forebay.cdc.engine;

import io.forebay.cdc.CdcPipeline;
import io.forebay.cdc.FileDeadLetters;
import io.forebay.spi.InvalidationTarget;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A process that runs the pipeline and says on its output what its cache was told. Arguments: port, directory, {@code hang} or not. */
final class EngineChild {
    private EngineChild() {}

    public static void main(String[] args) throws InterruptedException {
        Path directory = Path.of(args[1]);
        boolean hangs = args[2].equals("hang");
        CdcPipeline pipeline = CdcPipeline.builder()
                .source(EngineSource.builder(directory.resolve("engine"))
                        .postgres("127.0.0.1", Integer.parseInt(args[0]), "postgres", "postgres", "")
                        .property("table.include.list", "public.users")
                        .property("heartbeat.interval.ms", "200")
                        .property("offset.flush.interval.ms", "100")
                        .build())
                .rules(Users.RULES)
                .cache(new Told(hangs))
                .deadLetters(FileDeadLetters.at(directory.resolve("letters")))
                .start();
        Thread.currentThread().join();
        pipeline.close();
    }

    /** Says what it is told, and acknowledges then; or never, but for the flush at the first start. */
    private record Told(boolean hangs) implements InvalidationTarget {
        @Override
        public CompletionStage<Void> invalidate(Set<String> keys, Set<String> tags, Set<String> prefixes) {
            if (hangs) return said("taken " + String.join(",", keys), new CompletableFuture<>());
            return said("gone " + String.join(",", keys), CompletableFuture.completedFuture(null));
        }

        @Override
        public CompletionStage<Void> refresh(String key, byte[] value, long fence) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletionStage<Void> flush(String reason) {
            return said("flush " + reason, CompletableFuture.completedFuture(null));
        }

        private static CompletionStage<Void> said(String line, CompletableFuture<Void> answer) {
            System.out.println(line);
            System.out.flush();
            return answer;
        }

        @Override
        public void close() {}
    }
}
