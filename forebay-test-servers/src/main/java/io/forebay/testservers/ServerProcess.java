package io.forebay.testservers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A server as a child process that is started, stopped, killed and started again. Thread-safe. */
final class ServerProcess {
    private static final int START_SECONDS = 60;

    private final String name;
    private final Supplier<List<String>> command;
    private final Path log;
    private final Check check;
    private @Nullable Process process; // guarded by this

    /** Asks the server whether it is ready; an exception means not yet. */
    interface Check {
        boolean passes() throws SQLException, IOException;
    }

    ServerProcess(String name, Supplier<List<String>> command, Path log, Check check) {
        this.name = name;
        this.command = command;
        this.log = log;
        this.check = check;
    }

    /** A port nobody listens on now. */
    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    synchronized void start() {
        if (isRunning()) return;
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        Process started = Processes.start(command.get(), log);
        process = started;
        while (!isReady()) {
            if (!started.isAlive() || System.nanoTime() - deadline > 0) {
                kill();
                throw new IllegalStateException(name + " did not start:\n" + Processes.read(log));
            }
        }
    }

    synchronized void stop(String signal) {
        Process running = process;
        if (running == null) return;
        Processes.signal(running, signal);
        if (!Processes.waitFor(running, 30)) kill();
        process = null;
    }

    synchronized void kill() {
        Process running = process;
        if (running == null) return;
        List<ProcessHandle> all = new ArrayList<>(running.descendants().toList());
        all.add(0, running.toHandle());
        all.forEach(ProcessHandle::destroyForcibly);
        CompletableFuture<?>[] ends = all.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new);
        CompletableFuture.allOf(ends).orTimeout(30, TimeUnit.SECONDS).join();
        process = null;
    }

    /** Sends a signal to the running server. */
    synchronized void signal(String signal) {
        if (process == null) throw new IllegalStateException("start " + name + " first");
        Processes.signal(process, signal);
    }

    synchronized boolean isRunning() {
        return process != null && process.isAlive();
    }

    synchronized void requireStopped() {
        if (isRunning()) throw new IllegalStateException("stop " + name + " first");
    }

    private boolean isReady() {
        try {
            return check.passes() || pause();
        } catch (SQLException | IOException e) {
            return pause();
        }
    }

    private boolean pause() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + name + " was starting", e);
        }
        return false;
    }
}
