package io.forebay.testkit.crash;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/** A running child, and the two threads that read what it says. */
final class CrashProcess {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration LOOK_AT_THREADS = Duration.ofSeconds(10);
    private static final Duration LOOK = Duration.ofMillis(5);

    private final Process process;
    private final String name;
    private final CrashAccount said;
    private final CompletableFuture<Void> ready = new CompletableFuture<>();
    private final CompletableFuture<Void> account;
    private final CompletableFuture<String> complaints;

    /** @param name what it is called in messages */
    CrashProcess(Process process, String name, CrashAccount said) {
        this.process = process;
        this.name = name;
        this.said = said;
        this.account = onThread(this::readAccount).thenApply(nothing -> null);
        this.complaints = onThread(this::readComplaints);
    }

    /**
     * Starts a main class with this JVM's class path.
     *
     * @param options of its JVM
     */
    static Process start(Class<?> main, List<String> options, List<String> arguments, Map<String, String> environment) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path")));
        command.addAll(options);
        command.add(main.getName());
        command.addAll(arguments);
        try {
            ProcessBuilder builder = new ProcessBuilder(command);
            builder.environment().putAll(environment);
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException("could not start " + command, e);
        }
    }

    private CompletableFuture<String> onThread(Callable<String> reading) {
        CompletableFuture<String> result = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        result.complete(reading.call());
                    } catch (Exception e) {
                        result.completeExceptionally(e);
                    }
                },
                "forebay-crash-reader");
        thread.setDaemon(true);
        thread.start();
        return result;
    }

    private String readAccount() throws IOException {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                said.read(line);
                if (line.startsWith(CrashChild.READY)) ready.complete(null);
            }
        }
        return "";
    }

    private String readComplaints() throws IOException {
        return new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    void awaitReady() {
        CompletableFuture<?> readyOrEnded = CompletableFuture.anyOf(ready, account);
        await(readyOrEnded);
    }

    void killAfter(Duration time) {
        if (ended(time)) throw failure("ended by itself with " + process.exitValue());
        kill();
        ended(PATIENCE);
    }

    /** Looks often: nothing tells when a line of the pipe was read. */
    void killWhen(BooleanSupplier enough) {
        long start = System.nanoTime();
        while (!enough.getAsBoolean()) {
            if (ended(LOOK)) throw failure("ended by itself with " + process.exitValue());
            if (System.nanoTime() - start > PATIENCE.toNanos()) throw failure("did not come so far in " + PATIENCE);
        }
        kill();
        ended(PATIENCE);
    }

    void expectEnd(int code) {
        if (!ended(PATIENCE)) throw failure("did not end within " + PATIENCE + " and was doing this:\n" + threads());
        if (process.exitValue() != code) throw failure("ended with " + process.exitValue() + " instead of " + code);
    }

    /** What its threads do, if this Java has the tool that tells; a process that is stopped cannot. */
    private String threads() {
        Path jstack = Path.of(System.getProperty("java.home"), "bin", "jstack");
        return onThread(() -> output(jstack.toString(), Long.toString(process.pid())))
                .completeOnTimeout("nothing that can be found out", LOOK_AT_THREADS.toSeconds(), TimeUnit.SECONDS)
                .exceptionally(failure -> "nothing that can be found out: " + failure)
                .join();
    }

    private static String output(String... command) throws IOException {
        Process running = new ProcessBuilder(command).redirectErrorStream(true).start();
        return new String(running.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private boolean ended(Duration time) {
        try {
            return process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a child was running", e);
        }
    }

    /** Sends it a signal by name. */
    void signal(String signal) {
        try {
            new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                    .inheritIO()
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException("could not signal " + name, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Makes sure that it runs and has said that it is ready.
     *
     * @throws IllegalStateException if it ended before
     */
    void requireReady() {
        awaitReady();
        if (!ready.isDone()) throw failure("ended before it was ready");
    }

    void tellToEnd() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            throw new UncheckedIOException("could not tell a child to end", e);
        }
    }

    /** {@link Process#destroyForcibly} would close the pipe with what was not read yet. */
    void kill() {
        process.toHandle().destroyForcibly();
    }

    /** Nothing of the child is left, and all it said was read. */
    void clear() {
        kill();
        await(account);
        await(complaints);
    }

    private IllegalStateException failure(String what) {
        kill();
        return new IllegalStateException("%s %s; it said:%n%s".formatted(name, what, await(complaints)));
    }

    private <T> T await(CompletableFuture<T> future) {
        try {
            return future.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a child was running", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("a child could not be heard to its end", e);
        }
    }
}
