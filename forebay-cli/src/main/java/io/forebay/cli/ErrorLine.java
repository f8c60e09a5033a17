package io.forebay.cli;

import io.forebay.ForebayException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Every error as one line, and an exit code. */
public final class ErrorLine {
    private ErrorLine() {}

    /** For a command that was called in a wrong way. */
    static int misused(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        PrintWriter err = command.getErr();
        String line = oneLine(String.valueOf(e.getMessage()));
        err.printf(
                "forebay: %s (see %s --help)%n", line, command.getCommandSpec().qualifiedName());
        return Main.USAGE;
    }

    /** For a command that failed. */
    static int failed(Exception e, CommandLine command, ParseResult parsed) {
        PrintWriter err = command.getErr();
        err.println("forebay: " + of(e));
        if (isVerbose(command)) e.printStackTrace(err);
        err.flush();
        return Main.FAILED;
    }

    private static boolean isVerbose(CommandLine command) {
        Object root = command.getCommandSpec().root().userObject();
        return root instanceof ForebayCommand forebay && forebay.isVerbose();
    }

    /** What a person should read of an exception. */
    public static String of(Throwable e) {
        if (e instanceof CommandFailure || e instanceof ForebayException || e instanceof IllegalArgumentException)
            return oneLine(messageOf(e));
        if (e instanceof FileSystemException file) return ofFile(file);
        SQLException sql = find(SQLException.class, e);
        if (sql != null) return "database: " + oneLine(messageOf(sql));
        return oneLine(e.getClass().getSimpleName() + ": " + messageOf(e));
    }

    private static String ofFile(FileSystemException e) {
        String file = String.valueOf(e.getFile());
        if (e instanceof NoSuchFileException) return file + ": no such file or directory";
        if (e instanceof AccessDeniedException) return file + ": permission denied";
        if (e instanceof NotDirectoryException || e instanceof FileAlreadyExistsException)
            return file + ": is not a directory";
        String reason = e.getReason();
        return file + ": " + (reason == null ? e.getClass().getSimpleName() : reason);
    }

    private static String messageOf(Throwable e) {
        String message = e.getMessage();
        return message == null ? e.getClass().getSimpleName() : message;
    }

    static <T extends Throwable> @Nullable T find(Class<T> type, Throwable e) {
        for (Throwable at = e; at != null; at = at.getCause()) if (type.isInstance(at)) return type.cast(at);
        return null;
    }

    private static String oneLine(String text) {
        return text.strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
