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
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/**
 * Runs a writing program in a JVM of its own, kills it with SIGKILL, runs it again on the same journal, and keeps account
 * of what it said over its pipe before it died. The program is a main class that uses a {@link CrashChild}; its last
 * argument is the round, counted from 0. One child at a time; not thread-safe.
 *
 * <pre>{@code
 * CrashHarness harness = new CrashHarness(Program.class, List.of(url, journal.toString()));
 * harness.runUntil(new KillPoint(KillPoint.Stage.SEALED, 7));
 * harness.runFor(Duration.ofMillis(800));
 * harness.runToEnd();
 * CrashReport report = workload.compare(dataSource, harness.account());
 * }</pre>
 */
public final class CrashHarness {
    private static final int MAX_OCCURRENCE = 40;
    private static final int MIN_MILLIS = 400;
    private static final int MORE_MILLIS = 1600;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration LOOK = Duration.ofMillis(5);

    private final Class<?> main;
    private final List<String> arguments;
    private final Map<String, String> environment;
    private final CrashAccount account = new CrashAccount();
    private final List<String> history = new ArrayList<>();
    private int kills;

    /**
     * @param main a public class with a main method; runs with this JVM's class path
     * @param arguments what it is given before the round
     */
    public CrashHarness(Class<?> main, List<String> arguments) {
        this(main, arguments, Map.of());
    }

    /**
     * @param main a public class with a main method; runs with this JVM's class path
     * @param arguments what it is given before the round
     * @param environment variables it gets beside those of this process: for what others must not see, a password
     */
    public CrashHarness(Class<?> main, List<String> arguments, Map<String, String> environment) {
        this.main = main;
        this.arguments = List.copyOf(arguments);
        this.environment = Map.copyOf(environment);
    }

    /** What the children said so far. */
    public CrashAccount account() {
        return account;
    }

    /** How many children were killed so far. */
    public int kills() {
        return kills;
    }

    /** How each child so far ended, in order. */
    public List<String> history() {
        return List.copyOf(history);
    }

    /**
     * Runs a child and kills it at a stage of a write, or at no special instant: as chance has it.
     *
     * @throws IllegalStateException if it ends otherwise
     */
    public void runAndKill(Random random) {
        if (random.nextBoolean()) {
            KillPoint.Stage[] stages = KillPoint.Stage.values();
            runUntil(new KillPoint(stages[random.nextInt(stages.length)], 1 + random.nextInt(MAX_OCCURRENCE)));
        } else {
            runFor(Duration.ofMillis(MIN_MILLIS + random.nextInt(MORE_MILLIS)));
        }
    }

    /**
     * Runs a child that ends itself at {@code point}.
     *
     * @throws IllegalStateException if it ends otherwise, or does not come there within a minute
     */
    public void runUntil(KillPoint point) {
        run(List.of(point.jvmOption()), child -> {
            child.expectEnd(CrashChild.KILLED);
            return "at " + point;
        });
        kills++;
    }

    /**
     * Runs a child and kills it after {@code time}, counted from its start: it may still be recovering.
     *
     * @throws IllegalStateException if it ends by itself before
     */
    public void runFor(Duration time) {
        run(List.of(), child -> {
            child.killAfter(time);
            return "after " + time.toMillis() + " ms";
        });
        kills++;
    }

    /**
     * Runs a child and kills it when {@code writes} more are acknowledged; what it has said by then counts too.
     *
     * @throws IllegalStateException if it ends by itself before, or does not come there within a minute
     */
    public void runUntilAcknowledged(long writes) {
        long enough = account.acknowledged() + writes;
        run(List.of(), child -> {
            child.killWhen(() -> account.acknowledged() >= enough);
            return "after " + writes + " acknowledged writes";
        });
        kills++;
    }

    /**
     * Runs a child and tells it to end, see {@link CrashChild#isToldToEnd}.
     *
     * @throws IllegalStateException if it does not end well within a minute
     */
    public void runToEnd() {
        runToEnd(() -> {});
    }

    /**
     * Runs a child, and {@code meanwhile} once it is ready; then tells it to end.
     *
     * @throws IllegalStateException if it does not end well within a minute
     */
    public void runToEnd(Runnable meanwhile) {
        run(List.of(), child -> {
            child.awaitReady();
            meanwhile.run();
            child.tellToEnd();
            child.expectEnd(0);
            return "by itself";
        });
    }

    private interface Ending {
        String of(Child child);
    }

    private void run(List<String> options, Ending ending) {
        account.nextChild();
        Child child = new Child(start(options));
        try {
            history.add("round " + history.size() + " ended " + ending.of(child));
        } finally {
            child.clear();
        }
    }

    private Process start(List<String> options) {
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
        command.add(Integer.toString(history.size()));
        try {
            ProcessBuilder builder = new ProcessBuilder(command);
            builder.environment().putAll(environment);
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException("could not start " + command, e);
        }
    }

    /** A running child, and the two threads that read what it says. */
    private final class Child {
        private final Process process;
        private final CompletableFuture<Void> ready = new CompletableFuture<>();
        private final CompletableFuture<Void> account;
        private final CompletableFuture<String> complaints;

        private Child(Process process) {
            this.process = process;
            this.account = onThread(this::readAccount).thenApply(nothing -> null);
            this.complaints = onThread(this::readComplaints);
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
                    CrashHarness.this.account.read(line);
                    if (CrashHarness.this.account.isReady()) ready.complete(null);
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
            if (!ended(PATIENCE)) throw failure("did not end within " + PATIENCE);
            if (process.exitValue() != code) throw failure("ended with " + process.exitValue() + " instead of " + code);
        }

        private boolean ended(Duration time) {
            try {
                return process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while a child was running", e);
            }
        }

        void tellToEnd() {
            try {
                process.getOutputStream().close();
            } catch (IOException e) {
                throw new UncheckedIOException("could not tell a child to end", e);
            }
        }

        /** {@link Process#destroyForcibly} would close the pipe with what was not read yet. */
        private void kill() {
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
            return new IllegalStateException("%s of round %d %s; it said:%n%s"
                    .formatted(main.getSimpleName(), history.size(), what, await(complaints)));
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
}
