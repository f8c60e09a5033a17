package io.forebay.cli.replay;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a replay leaves: read with plain JDBC, or counted from the log by other means than the command's. */
record Tables(Map<String, String> pages, Map<String, String> visitors, Map<String, Long> requests) {
    private static final Pattern LINE = Pattern.compile(
            "(\\S+) \\S+ \\S+ \\[([^\\]]+)\\] \"(?:\\S+ )?(.*?)(?: HTTP/[0-9.]+)?\" (\\d{3}) (\\d+|-) \"((?:[^\"\\\\]|\\\\.)*)\" \"((?:[^\"\\\\]|\\\\.)*)\"");
    private static final java.time.format.DateTimeFormatter TIME =
            java.time.format.DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", java.util.Locale.ENGLISH);

    static Tables read(String url) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            return new Tables(
                    rows(statement, "SELECT path, views, bytes FROM page_views", Tables::page),
                    rows(statement, "SELECT ip, hits, last_seen FROM visitors", Tables::visitor),
                    rows(
                            statement,
                            "SELECT line, ip, path, status, count(*) FROM requests GROUP BY line, ip, path, status",
                            Tables::request));
        }
    }

    private interface Value<T> {
        T of(ResultSet row) throws SQLException;
    }

    private static <T> Map<String, T> rows(
            Statement statement, String query, Function<ResultSet, Map.Entry<String, T>> of) throws SQLException {
        Map<String, T> rows = new TreeMap<>();
        try (ResultSet result = statement.executeQuery(query)) {
            while (result.next()) {
                Map.Entry<String, T> entry = of.apply(result);
                rows.put(entry.getKey(), entry.getValue());
            }
        }
        return rows;
    }

    private static <T> T unchecked(ResultSet row, Value<T> value) {
        try {
            return value.of(row);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Map.Entry<String, String> page(ResultSet row) {
        return unchecked(row, it -> Map.entry(it.getString(1), it.getLong(2) + " views, " + it.getLong(3) + " bytes"));
    }

    private static Map.Entry<String, String> visitor(ResultSet row) {
        return unchecked(row, it -> Map.entry(it.getString(1), it.getLong(2) + " hits, " + moment(it, 3)));
    }

    /** SQLite has no type for it, and its driver gives the text. */
    private static Instant moment(ResultSet row, int column) throws SQLException {
        Object value = row.getObject(column);
        return value instanceof String text
                ? Instant.parse(text.replace(' ', 'T'))
                : row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static Map.Entry<String, Long> request(ResultSet row) {
        return unchecked(
                row,
                it -> Map.entry(
                        it.getLong(1) + " " + it.getString(2) + " " + it.getString(3) + " " + it.getInt(4),
                        it.getLong(5)));
    }

    /** Counts by a regular expression and maps. */
    static Tables count(Stream<String> log, long repeats) {
        List<String> lines = log.toList();
        Map<String, long[]> pages = new TreeMap<>();
        Map<String, Long> hits = new TreeMap<>();
        Map<String, Instant> seen = new TreeMap<>();
        Map<String, Long> requests = new TreeMap<>();
        for (int i = 0; i < lines.size(); i++) {
            Matcher line = LINE.matcher(lines.get(i));
            if (!line.lookingAt()) continue;
            long[] page = pages.computeIfAbsent(line.group(3), path -> new long[2]);
            page[0] += repeats;
            if (!line.group(5).equals("-")) page[1] += repeats * Long.parseLong(line.group(5));
            hits.merge(line.group(1), repeats, Long::sum);
            Instant at = OffsetDateTime.parse(line.group(2), TIME).toInstant();
            seen.merge(line.group(1), at, (one, other) -> one.isAfter(other) ? one : other);
            requests.put((i + 1) + " " + line.group(1) + " " + line.group(3) + " " + line.group(4), repeats);
        }
        Map<String, String> pageRows = new TreeMap<>();
        pages.forEach((path, page) -> pageRows.put(path, page[0] + " views, " + page[1] + " bytes"));
        Map<String, String> visitorRows = new TreeMap<>();
        hits.forEach((ip, count) -> visitorRows.put(ip, count + " hits, " + seen.get(ip)));
        return new Tables(pageRows, visitorRows, requests);
    }
}
