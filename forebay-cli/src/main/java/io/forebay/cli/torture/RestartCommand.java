package io.forebay.cli.torture;

import io.forebay.cli.CommandFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The user's own command, by the shell. */
final class RestartCommand implements Restarts {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final String option;
    private final String command;

    /** @param option where the command was given, for messages */
    RestartCommand(String option, String command) {
        this.option = option;
        this.command = command;
    }

    @Override
    public void restart() {
        try {
            Path output = Files.createTempFile("forebay-restart", ".log");
            Process shell = new ProcessBuilder("sh", "-c", command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile()) // a server that the command leaves behind may keep it open
                    .start();
            if (!shell.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                shell.destroyForcibly();
                throw failure("did not end within " + LIMIT.toSeconds() + " s", output);
            }
            if (shell.exitValue() != 0) throw failure("ended with exit code " + shell.exitValue(), output);
            Files.delete(output);
        } catch (IOException e) {
            throw new CommandFailure(option + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure("interrupted while " + option + " ran", e);
        }
    }

    private CommandFailure failure(String what, Path output) throws IOException {
        return new CommandFailure("%s '%s' %s: %s"
                .formatted(
                        option,
                        command,
                        what,
                        Files.readString(output, StandardCharsets.UTF_8).strip()));
    }
}
