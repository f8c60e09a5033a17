package io.forebay.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Draws {@code docs/benchmarks/*.svg} from the results of the last full runs. */
final class Charts {
    private static final Path FOLDER = Path.of("docs", "benchmarks");

    private Charts() {}

    static void draw() {
        drawPeers(Results.read("peers").stream()
                .filter(measurement -> measurement.measure().equals("counters per second"))
                .toList());
        drawFlush(Results.read("flush"));
    }

    private static void drawPeers(List<Results.Measurement> measurements) {
        BarChart chart = new BarChart(
                "Counters taken per second",
                "4 threads, Zipf 0.99 over 100,000 rows, batches of 1,000; logarithmic, from 100",
                true);
        for (Results.Measurement measurement : measurements)
            chart.add(measurement.contender(), measurement.figures().median(), false);
        write("peers", chart, measurements);
    }

    private static void drawFlush(List<Results.Measurement> measurements) {
        BarChart chart = new BarChart(
                "Counters flushed into PostgreSQL, rows per second",
                "200,000 rows, each once, by rows per transaction",
                false);
        String batch = "";
        List<Results.Measurement> counters = measurements.stream()
                .filter(measurement -> measurement.measure().startsWith(Flush.COUNTERS))
                .toList();
        for (Results.Measurement measurement : counters) {
            boolean begins = !measurement.measure().equals(batch);
            batch = measurement.measure();
            String rows = batch.substring(Flush.COUNTERS.length());
            chart.add(
                    rows + ": " + measurement.contender(), measurement.figures().median(), begins);
        }
        write("flush", chart, counters);
    }

    private static void write(String name, BarChart chart, List<Results.Measurement> measurements) {
        if (measurements.isEmpty()) return;
        try {
            Files.createDirectories(FOLDER);
            Files.writeString(FOLDER.resolve(name + ".svg"), chart.svg());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
