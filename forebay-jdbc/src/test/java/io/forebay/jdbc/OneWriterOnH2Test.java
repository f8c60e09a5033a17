package io.forebay.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.forebay.spi.Batch;
import io.forebay.spi.SinkSettings;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file of H2 does not survive a kill among several writing transactions, whichever sink they come from. */
final class OneWriterOnH2Test {
    private static final int BATCHES = 100;

    @TempDir
    Path folder;

    private final AtomicInteger writing = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();

    @Test
    void two_sinks_on_one_database_write_one_after_the_other() {
        JdbcDataSource h2 = new JdbcDataSource();
        h2.setURL("jdbc:h2:file:" + folder.resolve("db") + ";WRITE_DELAY=0");

        CompletableFuture<Void> one = CompletableFuture.runAsync(() -> flush(watched(h2)), OneWriterOnH2Test::start);
        CompletableFuture<Void> other = CompletableFuture.runAsync(() -> flush(watched(h2)), OneWriterOnH2Test::start);
        CompletableFuture.allOf(one, other).join();

        assertThat(most.get()).isEqualTo(1);
    }

    private static void start(Runnable task) {
        new Thread(task).start();
    }

    private static void flush(DataSource dataSource) {
        JdbcSink sink = new JdbcSink(dataSource, new SinkSettings(Duration.ofSeconds(30), true));
        UUID journal = UUID.randomUUID();
        sink.attach(journal, 1, null);
        long epoch = sink.own(journal, 0).epoch();
        for (int to = 1; to <= BATCHES; to++)
            sink.apply(new Batch(journal, 0, epoch, to - 1, to, UUID.randomUUID(), List.of(), List.of(), Map.of()));
    }

    /** Counts flush transactions from their first statement to their COMMIT. */
    private DataSource watched(DataSource real) {
        return proxy(
                DataSource.class,
                real,
                (method, result) -> result instanceof Connection connection
                        ? proxy(Connection.class, connection, this::count)
                        : result);
    }

    private Object count(String method, Object result) {
        if (method.startsWith("prepareStatement UPDATE forebay_watermark SET sequence"))
            most.accumulateAndGet(writing.incrementAndGet(), Math::max);
        if (method.startsWith("commit") && writing.get() > 0) writing.decrementAndGet();
        return result;
    }

    private interface After {
        Object called(String method, Object result);
    }

    private static <T> T proxy(Class<T> type, T real, After after) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    try {
                        String call = arguments == null ? method.getName() : method.getName() + " " + arguments[0];
                        return after.called(call, method.invoke(real, arguments));
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }
}
