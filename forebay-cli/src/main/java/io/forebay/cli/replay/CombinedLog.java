package io.forebay.cli.replay;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The combined format of Apache's access log: {@code host ident user [time] "request" status bytes "referrer" "agent"}.
 * What follows the agent is allowed and ignored.
 */
final class CombinedLog {
    private static final List<String> MONTHS =
            List.of("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec");
    private static final int TIME_LENGTH = "17/May/2015:10:05:03 +0000".length();
    private static final String NONE = "-";

    private final String line;
    private int at;

    private CombinedLog(String line) {
        this.line = line;
    }

    /** @throws MalformedLineException if it is not of this format; the message says what is wrong */
    static LogLine parse(String line) throws MalformedLineException {
        if (line.indexOf('\0') >= 0) throw new MalformedLineException("a NUL character");
        return new CombinedLog(line).parse();
    }

    private LogLine parse() throws MalformedLineException {
        String ip = word("address");
        skipTo(" [", "time in brackets");
        OffsetDateTime time = time();
        String request = quoted("request");
        int status = status(word("status"));
        Long bytes = bytes(word("bytes"));
        String referrer = quoted("referrer");
        String agent = quoted("agent");
        return withRequest(ip, time, request, status, bytes, orNull(referrer), orNull(agent));
    }

    private static LogLine withRequest(
            String ip,
            OffsetDateTime time,
            String request,
            int status,
            @Nullable Long bytes,
            @Nullable String referrer,
            @Nullable String agent) {
        int first = request.indexOf(' ');
        int last = request.lastIndexOf(' ');
        if (first <= 0) return new LogLine(ip, time, null, request, status, bytes, referrer, agent);

        boolean hasProtocol = last > first && request.startsWith("HTTP/", last + 1);
        String path = request.substring(first + 1, hasProtocol ? last : request.length());
        return new LogLine(ip, time, request.substring(0, first), path, status, bytes, referrer, agent);
    }

    private static @Nullable String orNull(String text) {
        return text.equals(NONE) ? null : text;
    }

    private String word(String what) throws MalformedLineException {
        int end = line.indexOf(' ', at);
        if (end <= at) throw new MalformedLineException("no " + what);
        String word = line.substring(at, end);
        at = end + 1;
        return word;
    }

    private void skipTo(String mark, String what) throws MalformedLineException {
        int found = line.indexOf(mark, at);
        if (found < 0) throw new MalformedLineException("no " + what);
        at = found + mark.length();
    }

    private OffsetDateTime time() throws MalformedLineException {
        int end = at + TIME_LENGTH;
        if (end + 1 >= line.length() || line.charAt(end) != ']' || line.charAt(end + 1) != ' ')
            throw new MalformedLineException("no time like [17/May/2015:10:05:03 +0000]");
        String text = line.substring(at, end);
        at = end + 2;
        try {
            return OffsetDateTime.of(
                    date(text), LocalTime.parse(text.substring(12, 20)), ZoneOffset.of(text.substring(21)));
        } catch (DateTimeException | NumberFormatException e) {
            throw new MalformedLineException("no such time: " + text);
        }
    }

    private static LocalDate date(String text) {
        int month = MONTHS.indexOf(text.substring(3, 6)) + 1; // 0 is refused below
        return LocalDate.of(Integer.parseInt(text, 7, 11, 10), month, Integer.parseInt(text, 0, 2, 10));
    }

    private static int status(String text) throws MalformedLineException {
        boolean threeDigits = text.length() == 3 && text.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!threeDigits) throw new MalformedLineException("no status: " + text);
        return Integer.parseInt(text);
    }

    private static @Nullable Long bytes(String text) throws MalformedLineException {
        if (text.equals(NONE)) return null;
        try {
            long bytes = Long.parseLong(text);
            if (bytes >= 0 && text.charAt(0) != '+') return bytes;
        } catch (NumberFormatException e) {
            throw new MalformedLineException("no number of bytes: " + text);
        }
        throw new MalformedLineException("no number of bytes: " + text);
    }

    /** A quoted text and the space behind it; a backslash takes the next character as it is, if that is one of the two. */
    private String quoted(String what) throws MalformedLineException {
        if (at >= line.length() || line.charAt(at) != '"') throw new MalformedLineException("no quoted " + what);
        int end = closingQuote(at + 1);
        if (end < 0) throw new MalformedLineException("no closing quote of the " + what);
        String text = line.substring(at + 1, end);
        at = end + 1;
        if (at < line.length() && line.charAt(at++) != ' ')
            throw new MalformedLineException("no space behind the " + what);
        return text.indexOf('\\') < 0 ? text : text.replace("\\\"", "\"").replace("\\\\", "\\");
    }

    private int closingQuote(int from) {
        for (int i = from; i < line.length(); i++) {
            if (line.charAt(i) == '\\') i++;
            else if (line.charAt(i) == '"') return i;
        }
        return -1;
    }
}
