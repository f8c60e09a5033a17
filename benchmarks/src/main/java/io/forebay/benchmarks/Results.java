package io.forebay.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The raw figures of a full run, kept in the repository so that charts are drawn from them: {@code benchmarks/results/NAME.tsv},
 * a line per measurement with contender, measure, and the figures of all iterations. One thread.
 */
public final class Results {
    private static final Path FOLDER = Path.of("benchmarks", "results");
    private static final String HEADER = "contender\tmeasure\tfigures";

    private final String name;
    private final List<Measurement> measurements = new ArrayList<>();

    /** One line. */
    record Measurement(String contender, String measure, Figures figures) {
        private String line() {
            return figures.values().stream()
                    .map(value -> String.format(Locale.ROOT, "%.3f", value))
                    .collect(Collectors.joining(" ", contender + '\t' + measure + '\t', ""));
        }

        private static Measurement of(String line) {
            String[] fields = line.split("\t", -1);
            List<Double> values =
                    Arrays.stream(fields[2].split(" ", -1)).map(Double::valueOf).toList();
            return new Measurement(fields[0], fields[1], new Figures(values));
        }
    }

    /** Begins the results of one benchmark. */
    public Results(String name) {
        this.name = name;
    }

    /** One measurement. */
    public void add(String contender, String measure, Figures figures) {
        measurements.add(new Measurement(contender, measure, figures));
    }

    /** Writes the file, in place of an earlier one. */
    public void write() {
        List<String> lines = new ArrayList<>(List.of(HEADER));
        measurements.forEach(measurement -> lines.add(measurement.line()));
        try {
            Files.createDirectories(FOLDER);
            Files.write(file(name), lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the last full run wrote; nothing if there was none. */
    static List<Measurement> read(String name) {
        if (!Files.exists(file(name))) return List.of();
        try {
            return Files.readAllLines(file(name)).stream()
                    .skip(1)
                    .map(Measurement::of)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path file(String name) {
        return FOLDER.resolve(name + ".tsv");
    }
}
