package io.forebay.benchmarks;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** One silent run of a JMH class, a forked JVM per method, with allocation measured. One thread. */
final class MicroRun {
    private final ChainedOptionsBuilder options;

    /**
     * How a method fared.
     *
     * @param perSecond operations per second of all threads, one figure per iteration
     * @param bytesPerCall allocated by the whole JVM per operation, background threads included
     */
    record Outcome(Figures perSecond, double bytesPerCall) {}

    MicroRun(Class<?> benchmark, boolean quick) {
        options = new OptionsBuilder()
                .include(benchmark.getName() + "\\.")
                .jvmArgsAppend("-Xms2g", "-Xmx2g")
                .verbosity(VerboseMode.SILENT)
                .shouldFailOnError(true)
                .addProfiler(GCProfiler.class);
        if (quick)
            options.warmupIterations(1)
                    .warmupTime(TimeValue.seconds(1))
                    .measurementIterations(2)
                    .measurementTime(TimeValue.seconds(1));
    }

    MicroRun threads(int threads) {
        options.threads(threads);
        return this;
    }

    MicroRun parameter(String name, String value) {
        options.param(name, value);
        return this;
    }

    /** The outcome of every method, by its name. */
    Map<String, Outcome> run() throws RunnerException {
        Map<String, Outcome> outcomes = new HashMap<>();
        for (RunResult result : new Runner(options.build()).run())
            outcomes.put(methodName(result.getParams()), outcome(result));
        return outcomes;
    }

    private static String methodName(BenchmarkParams params) {
        return params.getBenchmark().substring(params.getBenchmark().lastIndexOf('.') + 1);
    }

    private static Outcome outcome(RunResult result) {
        List<Double> perSecond = new ArrayList<>();
        result.getBenchmarkResults().forEach(fork -> {
            for (IterationResult iteration : fork.getIterationResults())
                perSecond.add(iteration.getPrimaryResult().getScore());
        });
        Result<?> bytes = result.getSecondaryResults().get("gc.alloc.rate.norm");
        if (bytes == null) bytes = result.getSecondaryResults().get("·gc.alloc.rate.norm");
        return new Outcome(new Figures(perSecond), bytes == null ? Double.NaN : bytes.getScore());
    }
}
