package io.forebay.cli.logcache;

import io.forebay.cli.CommandFailure;
import io.forebay.cli.Signals;
import io.forebay.kafka.cache.CacheEntry;
import io.forebay.kafka.cache.CacheListener;
import io.forebay.kafka.cache.LogCache;
import io.forebay.kafka.cache.LogCacheBuilder;
import io.forebay.kafka.cache.LogCacheStats;
import io.forebay.kafka.cache.Versioned;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.serialization.Serdes;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** Shows what a cache of a topic holds. */
@Command(
        name = "log-cache",
        description = "Show the newest value of each key of a Kafka topic; changes nothing.",
        synopsisSubcommandLabel = "(get KEY | dump | watch)",
        footer = {
            "",
            "Examples:",
            "  forebay log-cache --bootstrap-servers localhost:9092 --topic users get alice",
            "  forebay log-cache --bootstrap-servers localhost:9092 --topic users dump",
            "  forebay log-cache --bootstrap-servers localhost:9092 --topic users watch",
            "",
            "Keys and values are shown as text. A line of dump and watch is the key, a tab, the value;",
            "watch shows a deleted key without tab and value. TLS and authentication are properties of",
            "Kafka's clients: --property security.protocol=SASL_SSL"
        })
public final class LogCacheCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--bootstrap-servers",
            paramLabel = "HOST:PORT",
            required = true,
            scope = ScopeType.INHERIT,
            description = "Brokers of the cluster, with commas between them.")
    private String bootstrapServers = "";

    @Option(
            names = "--topic",
            paramLabel = "NAME",
            required = true,
            scope = ScopeType.INHERIT,
            description = "The topic.")
    private String topic = "";

    @Option(
            names = "--property",
            paramLabel = "NAME=VALUE",
            scope = ScopeType.INHERIT,
            description = "A property of Kafka's clients; may be given several times.")
    private Map<String, String> properties = new LinkedHashMap<>();

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "60",
            scope = ScopeType.INHERIT,
            description = "How long reading the topic may take; default 60.")
    private int timeoutSeconds;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to do: get KEY, dump or watch");
    }

    @Command(
            name = "get",
            description = "Show the value of one key; exit code 1 if it has none.",
            footer = {"", "Example:", "  forebay log-cache get alice --bootstrap-servers localhost:9092 --topic users"})
    int get(@Parameters(paramLabel = "KEY", description = "The key, as text.") String key) {
        try (LogCache<String, String> cache = ready(builder())) {
            String value = cache.get(key)
                    .orElseThrow(
                            () -> new CommandFailure("topic '%s' has no value for key '%s'".formatted(topic, key)));
            out().println(value);
            return 0;
        }
    }

    @Command(
            name = "dump",
            description = "Show all keys with their values, in the order of the keys.",
            footer = {"", "Example:", "  forebay log-cache dump --bootstrap-servers localhost:9092 --topic users"})
    int dump() {
        try (LogCache<String, String> cache = ready(builder())) {
            cache.entries().map(LogCacheCommand::line).forEach(out()::println);
            return 0;
        }
    }

    @Command(
            name = "watch",
            description = "Show each change from now on, until Ctrl-C.",
            footer = {"", "Example:", "  forebay log-cache watch --bootstrap-servers localhost:9092 --topic users"})
    int watch(
            @Option(
                            names = "--changes",
                            paramLabel = "COUNT",
                            description = "End after so many changes; default: never.")
                    @Nullable
                    Long changes)
            throws InterruptedException {
        CountDownLatch end = new CountDownLatch(1);
        CountDownLatch left = new CountDownLatch(changes == null ? 0 : Math.toIntExact(changes));
        CacheListener<String, String> shown = (key, now) -> {
            out().println(now.map(value -> line(key, value)).orElse(key));
            out().flush();
            left.countDown();
            if (changes != null && left.getCount() == 0) end.countDown();
        };
        Signals.Hearing hearing = Signals.onStop(number -> end.countDown());
        try (LogCache<String, String> cache = ready(builder().listener(shown))) {
            err().println("following " + cache.topic() + ", Ctrl-C ends");
            end.await();
            return 0;
        } finally {
            hearing.close();
        }
    }

    private LogCacheBuilder<String, String> builder() {
        return LogCache.builder(Serdes.String(), Serdes.String())
                .bootstrapServers(bootstrapServers)
                .topic(topic)
                .properties(properties);
    }

    private LogCache<String, String> ready(LogCacheBuilder<String, String> builder) {
        if (timeoutSeconds < 1)
            throw new ParameterException(
                    spec.commandLine(), "--timeout must be at least 1 second, was " + timeoutSeconds);
        LogCache<String, String> cache = builder.build();
        try {
            cache.awaitReady(Duration.ofSeconds(timeoutSeconds));
        } catch (RuntimeException e) {
            cache.close();
            throw e;
        }
        LogCacheStats stats = cache.stats();
        if (stats.nullKeys() > 0) err().printf("forebay: %d records without a key passed over%n", stats.nullKeys());
        return cache;
    }

    private static String line(CacheEntry<String, String> entry) {
        return line(entry.key(), entry.versioned());
    }

    private static String line(String key, Versioned<String> value) {
        return key + '\t' + value.value();
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private PrintWriter err() {
        return spec.commandLine().getErr();
    }
}
