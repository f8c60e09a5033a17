package io.forebay.cli.replay;

import io.forebay.cli.CommandFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The lines of a log, read as often as asked, in groups. What was written by an earlier run is read and left out; malformed
 * lines are noted the first time they are read.
 */
final class ReplayInput implements AutoCloseable {
    private final Path path;
    private final long repeats;
    private final ReplayPosition start;
    private final int groupLines;
    private final Rejects rejects;
    private final long fileBytes;
    private LogFile file;
    private boolean firstReading = true;
    private long repeat;
    private long line;
    private long lines;

    /** What one step writes, and the position behind it. */
    record Group(List<Numbered> lines, ReplayPosition end) {}

    /** A line with its number in the file. */
    record Numbered(long number, LogLine line) {}

    ReplayInput(Path path, long repeats, ReplayPosition start, int groupLines, Rejects rejects) throws IOException {
        this.path = path;
        this.repeats = repeats;
        this.start = start;
        this.groupLines = groupLines;
        this.rejects = rejects;
        this.repeat = start.repeat();
        this.fileBytes = Files.size(path);
        this.file = LogFile.open(path);
    }

    /** The next group; one without lines at the end. */
    Group next() throws IOException {
        List<Numbered> group = new ArrayList<>(groupLines);
        ReplayPosition end = position();
        while (group.size() < groupLines) {
            LogFile.Line next = file.next();
            if (next == null) {
                if (!reopen()) break;
                continue;
            }
            line++;
            end = position();
            take(next, group, end);
        }
        return new Group(group, end);
    }

    private void take(LogFile.Line next, List<Numbered> group, ReplayPosition position) throws IOException {
        boolean isWritten = position.compareTo(start) <= 0;
        if (isWritten && !firstReading) return;
        try {
            LogLine parsed = parse(next);
            if (isWritten) return;
            group.add(new Numbered(line, parsed));
            lines++;
        } catch (MalformedLineException e) {
            if (firstReading) rejects.add(line, next, String.valueOf(e.getMessage()));
        }
    }

    private static LogLine parse(LogFile.Line line) throws MalformedLineException {
        if (line.isCut()) throw new MalformedLineException("longer than %,d bytes".formatted(LogFile.MAX_LINE_BYTES));
        return CombinedLog.parse(line.text());
    }

    /** Begins the next reading; false if there is none. */
    private boolean reopen() throws IOException {
        if (repeat == start.repeat() && line < start.line())
            throw new CommandFailure(
                    "%s has only %,d lines, but %,d of it were replayed: it is another file than before"
                            .formatted(path, line, start.line()));
        firstReading = false;
        if (repeat >= repeats) return false;
        file.close();
        file = LogFile.open(path);
        repeat++;
        line = 0;
        return true;
    }

    private ReplayPosition position() {
        return new ReplayPosition(repeat, line);
    }

    /** Lines handed out, without those that were malformed or written before. */
    long lines() {
        return lines;
    }

    /** Bytes of all the readings that there are to do. */
    long totalBytes() {
        return fileBytes * Math.max(0, repeats - start.repeat() + 1);
    }

    long bytesRead() {
        return fileBytes * (repeat - start.repeat()) + file.bytesRead();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
