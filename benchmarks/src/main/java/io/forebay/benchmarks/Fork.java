package io.forebay.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A JVM of its own for one contender: the same class path and heap for all, so that no contender runs in what another has
 * compiled, allocated or left running. It reports by lines on its standard output. One thread.
 */
public final class Fork implements AutoCloseable {
    private static final String MARK = "figure";
    private static final List<String> JVM_OPTIONS =
            List.of("-Xms2g", "-Xmx2g", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error");

    private final Process process;
    private final BufferedReader output;

    private Fork(Process process) {
        this.process = process;
        this.output = process.inputReader(StandardCharsets.UTF_8);
    }

    /** Starts the program in a new JVM. */
    public static Fork start(Class<?> program, List<String> jvmOptions, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElse("java"));
        command.addAll(JVM_OPTIONS);
        command.addAll(jvmOptions);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
        command.addAll(arguments);
        try {
            return new Fork(new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Runs the program to its end.
     *
     * @return its figures by name
     * @throws IllegalStateException if it fails
     */
    public static Map<String, Figures> run(Class<?> program, List<String> jvmOptions, List<String> arguments) {
        try (Fork fork = start(program, jvmOptions, arguments)) {
            return fork.figures();
        }
    }

    /** Called in the forked program: hands a figure to the parent. */
    public static void report(String name, double value) {
        System.out.println(MARK + '\t' + name + '\t' + value);
        System.out.flush();
    }

    private Map<String, Figures> figures() {
        Map<String, List<Double>> values = new LinkedHashMap<>();
        for (Line line = next(); line != null; line = next())
            values.computeIfAbsent(line.name(), name -> new ArrayList<>()).add(line.value());
        if (end() != 0) throw new IllegalStateException(process.info() + " ended with " + process.exitValue());
        Map<String, Figures> figures = new LinkedHashMap<>();
        values.forEach((name, all) -> figures.put(name, new Figures(all)));
        return figures;
    }

    /** One report. */
    public record Line(String name, double value) {}

    /** Waits for the next report; null when the program has ended. Whatever else it prints is passed over. */
    public @Nullable Line next() {
        try {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                String[] parts = line.split("\t", -1);
                if (parts.length == 3 && parts[0].equals(MARK)) return new Line(parts[1], Double.parseDouble(parts[2]));
            }
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends the program with SIGKILL and waits until it is gone; its last whole lines can still be read. */
    public void kill() {
        process.toHandle().destroyForcibly(); // Process.destroyForcibly would close the stream that is still to be read
        end();
    }

    private int end() {
        try {
            return process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a forked program was running", e);
        }
    }

    /** Kills the program if it still runs. */
    @Override
    public void close() {
        if (process.isAlive()) kill();
    }
}
