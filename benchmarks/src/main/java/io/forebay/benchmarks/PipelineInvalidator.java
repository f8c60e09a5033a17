package io.forebay.benchmarks;

import io.forebay.cdc.CdcListener;
import io.forebay.cdc.CdcPipeline;
import io.forebay.cdc.ChangeHandler;
import io.forebay.cdc.ChangeSource;
import io.forebay.cdc.Delivery;
import io.forebay.cdc.FileDeadLetters;
import io.forebay.cdc.event.ChangeRecord;
import io.forebay.cdc.event.Payload;
import io.forebay.cdc.rule.Rules;
import io.forebay.redis.RedisSettings;
import io.forebay.redis.cache.CacheSettings;
import io.forebay.redis.cache.RedisInvalidations;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The pipeline of the product: events are Debezium's JSON, as a topic has it, and are parsed. */
final class PipelineInvalidator implements Invalidator {
    private static final String TOPIC = "shop.public.customers";

    private final Path folder = Folders.create();
    private final RedisInvalidations cache;
    private final CdcPipeline pipeline;
    private final HandedSource source = new HandedSource();
    private long offset;

    PipelineInvalidator(String redisUri) {
        this.cache = RedisInvalidations.open(CacheSettings.of(RedisSettings.of(redisUri), "benchmark"));
        this.pipeline = CdcPipeline.builder()
                .source(source)
                .rules(Rules.builder()
                        .on(
                                "public.customers",
                                rule -> rule.key("customer:{id}")
                                        .key("customer:email:{email}")
                                        .key("customer:email:{before.email}")
                                        .completeBefore())
                        .build())
                .cache(cache)
                .deadLetters(FileDeadLetters.at(folder.resolve("dead-letters.jsonl")))
                .start();
    }

    @Override
    public void take(List<Event> events) {
        source.handler()
                .handle(events.stream()
                        .map(event -> new Delivery(TOPIC, record(event.row()), event.done()))
                        .toList());
    }

    private ChangeRecord record(int row) {
        String before = "{\"id\":%1$d,\"name\":\"Customer %1$d\",\"email\":\"c%1$d@example.org\"}".formatted(row);
        String after = before.replace("Customer", "Client");
        String value = """
                {"before":%s,"after":%s,"source":{"version":"3.6.1.Final","connector":"postgresql","name":"shop","ts_ms":1790000000000,\
                "snapshot":"false","db":"shop","schema":"public","table":"customers","txId":%d,"lsn":%d},"op":"u","ts_ms":1790000000001}""".formatted(before, after, offset, offset);
        return new ChangeRecord(
                TOPIC,
                0,
                offset++,
                Payload.of("{\"id\":%d}".formatted(row)),
                Payload.of(value),
                Map.of(),
                null,
                OptionalLong.empty());
    }

    @Override
    public boolean isFull() {
        return source.handler().isFull();
    }

    @Override
    public void close() {
        pipeline.close();
        cache.close();
        Folders.delete(folder);
    }

    /** Has no records of its own. */
    private static final class HandedSource implements ChangeSource {
        private @Nullable ChangeHandler handler;

        ChangeHandler handler() {
            return Objects.requireNonNull(handler);
        }

        @Override
        public void start(ChangeHandler handedTo, CdcListener listener) {
            handler = handedTo;
        }

        @Override
        public boolean isHealthy() {
            return true;
        }

        @Override
        public void close(Duration timeout) {
            // what is under way is the pipeline's
        }
    }
}
