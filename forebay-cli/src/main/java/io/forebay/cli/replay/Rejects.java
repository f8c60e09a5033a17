package io.forebay.cli.replay;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lines that are not of the format: counted, the first few described, all kept as they are in a file. */
final class Rejects implements AutoCloseable {
    private static final int DESCRIBED = 10;

    private final Path file;
    private final List<String> first = new ArrayList<>();
    private @Nullable OutputStream out;
    private long count;

    private Rejects(Path file) {
        this.file = file;
    }

    /** Begins anew: a file of an earlier run goes away, one without rejects is not made. */
    static Rejects into(Path file) throws IOException {
        Files.deleteIfExists(file);
        return new Rejects(file);
    }

    void add(long number, LogFile.Line line, String problem) throws IOException {
        count++;
        if (first.size() < DESCRIBED) first.add("line %,d: %s".formatted(number, problem));
        if (out == null) out = new BufferedOutputStream(Files.newOutputStream(file));
        line.writeTo(out);
        out.write('\n');
    }

    long count() {
        return count;
    }

    List<String> first() {
        return List.copyOf(first);
    }

    Path file() {
        return file;
    }

    @Override
    public void close() throws IOException {
        if (out != null) out.close();
    }
}
