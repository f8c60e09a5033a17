package io.forebay.cli.invalidate;

import io.forebay.cdc.CdcListener;
import io.forebay.cdc.CdcPipeline;
import io.forebay.cdc.ChangeHandler;
import io.forebay.cdc.ChangeSource;
import io.forebay.cdc.DeadLetters;
import io.forebay.cdc.PipelineStatus;
import io.forebay.cli.Main;
import io.forebay.cli.Signals;
import io.forebay.redis.cache.RedisInvalidations;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Tells caches of every change in a database, until it is stopped. */
@Command(
        name = "invalidate",
        description =
                "Tell caches in Redis of every change in a database, as rules say, until Ctrl-C: from a Kafka topic that "
                        + "Debezium fills, or from Debezium's engine in this process. Metrics and health are told over HTTP.",
        footer = {
            "",
            "Examples:",
            "  forebay invalidate --demo                       a real PostgreSQL, Redis and engine, nothing to install",
            "  forebay invalidate --config forebay.yaml        the service",
            "  forebay invalidate --config forebay.yaml --check            only look whether the file is good",
            "  forebay invalidate --config forebay.yaml --replay-dead-letters",
            "",
            "docs/invalidation.md lists what the file may have."
        })
public final class InvalidateCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @ArgGroup(multiplicity = "1")
    private What what = new What();

    @Option(names = "--check", description = "Only read the file, and say what is wrong with it.")
    private boolean check;

    @Option(
            names = "--replay-dead-letters",
            description =
                    "Handle the dead letters again and end; the service must not be running on the same file of them.")
    private boolean replay;

    /** The service or its demo. */
    private static final class What {
        @Option(names = "--config", paramLabel = "FILE", required = true, description = "Source, Redis, rules.")
        private @Nullable Path config;

        @Option(names = "--demo", required = true, description = "Show what it does, with nothing to install.")
        private boolean demo;
    }

    @Override
    public Integer call() throws Exception {
        if (what.demo) {
            if (check || replay) throw new ParameterException(spec.commandLine(), "--demo takes no other options");
            return new InvalidateDemo(out()).run() ? 0 : Main.FAILED;
        }
        Path file = Objects.requireNonNull(what.config);
        ServiceConfig config = ServiceConfig.read(file);
        if (check) out().println(file + " is good");
        else if (replay) replay(config);
        else serve(config);
        return 0;
    }

    private void serve(ServiceConfig config) throws InterruptedException {
        CountDownLatch stop = new CountDownLatch(1);
        Signals.Hearing hearing = Signals.onStop(signal -> stop.countDown());
        try (hearing;
                InvalidationService service = InvalidationService.start(config)) {
            out().printf(
                            "cache '%s' hears of changes; metrics and health on http://%s:%d/metrics and /health; Ctrl-C ends it%n",
                            config.cache().name(), config.http().host(), service.port());
            stop.await();
            PipelineStatus status = service.status();
            out().printf(
                            "stopping: %,d changes handled, %,d dead letters, %d gaps%n",
                            status.handled(), status.deadLettered(), status.gaps());
        }
    }

    private void replay(ServiceConfig config) throws InterruptedException {
        try (RedisInvalidations cache = RedisInvalidations.open(config.cache());
                CdcPipeline pipeline = CdcPipeline.builder()
                        .source(new Silence())
                        .rules(config.rules())
                        .cache(cache)
                        .deadLetters(config.deadLetters().get())
                        .start()) {
            DeadLetters.Replayed replayed = pipeline.replay();
            out().printf("%,d dead letters handled, %,d stay%n", replayed.handled(), replayed.left());
        }
    }

    /** Brings nothing: what is replayed needs no source. */
    private static final class Silence implements ChangeSource {
        @Override
        public void start(ChangeHandler handler, CdcListener listener) {
            // nothing comes
        }

        @Override
        public boolean isHealthy() {
            return true;
        }

        @Override
        public void close(Duration timeout) {
            // holds nothing
        }
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
