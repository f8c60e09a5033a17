package io.forebay.cli.replay;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** The lines of a file, plain or gzip, one after the other. A line is bounded, whatever the file holds. */
final class LogFile implements AutoCloseable {
    /** Bytes of a line that are kept; none of a web server is longer. */
    static final int MAX_LINE_BYTES = 64 << 10;

    private static final int BUFFER_BYTES = 64 << 10;

    private final CountingStream file;
    private final InputStream in;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int next;
    private int end;

    private LogFile(CountingStream file, InputStream in) {
        this.file = file;
        this.in = in;
    }

    /** One line without its end, cut where it is too long. */
    static final class Line {
        private final byte[] bytes;
        private final boolean isCut;

        private Line(byte[] bytes, boolean isCut) {
            this.bytes = bytes;
            this.isCut = isCut;
        }

        boolean isCut() {
            return isCut;
        }

        String text() {
            return new String(bytes, StandardCharsets.UTF_8);
        }

        void writeTo(OutputStream out) throws IOException {
            out.write(bytes);
        }
    }

    static LogFile open(Path path) throws IOException {
        CountingStream file = new CountingStream(Files.newInputStream(path));
        try {
            InputStream buffered = new BufferedInputStream(file, BUFFER_BYTES);
            return new LogFile(file, isGzip(buffered) ? new GZIPInputStream(buffered, BUFFER_BYTES) : buffered);
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    private static boolean isGzip(InputStream in) throws IOException {
        in.mark(2);
        boolean magic = in.read() == 0x1f && in.read() == 0x8b;
        in.reset();
        return magic;
    }

    /** Bytes of the file read so far, of the compressed ones if it is compressed. */
    long bytesRead() {
        return file.count;
    }

    /** The next line, or null behind the last. */
    @Nullable
    Line next() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(256);
        boolean any = false;
        boolean cut = false;
        while (fill()) {
            any = true;
            int from = next;
            while (next < end && buffer[next] != '\n') next++;
            int room = Math.min(next - from, MAX_LINE_BYTES - line.size());
            line.write(buffer, from, room);
            cut |= room < next - from;
            if (next < end) {
                next++;
                break;
            }
        }
        return any ? new Line(withoutReturn(line.toByteArray()), cut) : null;
    }

    private boolean fill() throws IOException {
        if (next < end) return true;
        next = 0;
        end = Math.max(0, in.read(buffer, 0, buffer.length));
        return end > 0;
    }

    private static byte[] withoutReturn(byte[] line) {
        int length = line.length;
        if (length == 0 || line[length - 1] != '\r') return line;
        return Arrays.copyOf(line, length - 1);
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    private static final class CountingStream extends FilterInputStream {
        private long count;

        CountingStream(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int value = super.read();
            if (value >= 0) count++;
            return value;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int read = super.read(target, offset, length);
            if (read > 0) count += read;
            return read;
        }
    }
}
