package io.forebay.testservers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Child processes that end with this JVM, and never run as root, which PostgreSQL refuses.
 *
 * <p>The kernel ends a child when the <em>thread</em> that started it ends: all are started from one thread that lives
 * as long as the JVM.
 */
final class Processes {
    private static final boolean ROOT = "root".equals(System.getProperty("user.name"));
    private static final boolean OWN_NAMESPACE = ROOT && succeeds("unshare", "-U", "true");
    private static final boolean TIES = succeeds("setpriv", "--pdeathsig", "KILL", "true");
    private static final String NOBODY = "65534";
    private static final int RUN_SECONDS = 60;

    private static final ExecutorService STARTER = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "forebay-test-servers");
        thread.setDaemon(true);
        return thread;
    });

    private Processes() {}

    /** The command as it must be started so that it does not run as root. */
    static List<String> asOrdinaryUser(List<String> command) {
        List<String> whole = new ArrayList<>();
        if (OWN_NAMESPACE) whole.addAll(List.of("unshare", "-U"));
        if (ROOT && !OWN_NAMESPACE)
            whole.addAll(List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups"));
        whole.addAll(endingWithThisJvm(command));
        return whole;
    }

    /** The command as it must be started so that it ends with this JVM; its user stays the same. */
    static List<String> endingWithThisJvm(List<String> command) {
        List<String> whole = new ArrayList<>();
        if (TIES) whole.addAll(List.of("setpriv", "--pdeathsig", "KILL"));
        whole.addAll(command);
        return whole;
    }

    /** Gives the folder to the user that {@link #asOrdinaryUser} switches to, if it switches. */
    static void makeOwned(Path folder) {
        if (ROOT && !OWN_NAMESPACE && !succeeds("chown", "-R", NOBODY + ":" + NOBODY, folder.toString()))
            throw new IllegalStateException("could not give " + folder + " to user " + NOBODY);
    }

    /** Starts the command, its output appended to {@code log}. */
    static Process start(List<String> command, Path log) {
        return start(command, ProcessBuilder.Redirect.PIPE, log);
    }

    private static Process start(List<String> command, ProcessBuilder.Redirect input, Path log) {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(input)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().remove("PGDATA");
        try {
            return STARTER.submit(builder::start).get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("could not start " + command, e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while starting " + command, e);
        }
    }

    /** Runs the command to its end, a minute at most; its log is shown if it fails and deleted if not. */
    static void run(List<String> command, Path log) {
        run(command, log, RUN_SECONDS);
    }

    /** The same for at most so many seconds. */
    static void run(List<String> command, Path log, int seconds) {
        run(command, ProcessBuilder.Redirect.PIPE, log, seconds);
    }

    /** The same with {@code input} as its standard input. */
    static void run(List<String> command, Path input, Path log) {
        run(command, ProcessBuilder.Redirect.from(input.toFile()), log, RUN_SECONDS);
    }

    private static void run(List<String> command, ProcessBuilder.Redirect input, Path log, int seconds) {
        Process process = start(command, input, log);
        if (!waitFor(process, seconds) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new IllegalStateException(command + " failed:\n" + read(log));
        }
        try {
            Files.deleteIfExists(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static boolean waitFor(Process process, int seconds) {
        try {
            return process.waitFor(seconds, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Sends a signal that Java has no method for. */
    static void signal(Process process, String signal) {
        succeeds("kill", "-" + signal, Long.toString(process.pid()));
    }

    static String read(Path log) {
        try {
            return Files.exists(log) ? Files.readString(log) : "(no log)";
        } catch (IOException e) {
            return "(log unreadable: " + e.getMessage() + ")";
        }
    }

    static boolean succeeds(String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return waitFor(process, 10) && process.exitValue() == 0;
        } catch (IOException e) {
            return false; // no such program
        }
    }
}
