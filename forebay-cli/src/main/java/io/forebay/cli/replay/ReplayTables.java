package io.forebay.cli.replay;

import io.forebay.Forebay;
import io.forebay.MissingRow;
import io.forebay.Row;
import io.forebay.SourceWrites;
import io.forebay.Table;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The tables a log is replayed into, and what one line does to them. */
final class ReplayTables {
    private final Table pages;
    private final Table visitors;
    private final Table requests;

    ReplayTables(Forebay forebay) {
        pages = forebay.table("page_views", table -> table.key("path").onMissingRow(MissingRow.INSERT));
        visitors = forebay.table("visitors", table -> table.key("ip").onMissingRow(MissingRow.INSERT));
        requests = forebay.table("requests");
    }

    /** Makes the tables that are missing. */
    static void create(DataSource dataSource) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            for (String table : ddl(ColumnTypes.of(connection.getMetaData())).split(";")) statement.execute(table);
        }
    }

    private static String ddl(ColumnTypes types) {
        return """
                CREATE TABLE IF NOT EXISTS page_views (
                    path   %2$s   NOT NULL PRIMARY KEY,
                    views  bigint NOT NULL DEFAULT 0,
                    bytes  bigint NOT NULL DEFAULT 0
                );
                CREATE TABLE IF NOT EXISTS visitors (
                    ip         %2$s   NOT NULL PRIMARY KEY,
                    hits       bigint NOT NULL DEFAULT 0,
                    last_seen  %3$s   NULL
                );
                CREATE TABLE IF NOT EXISTS requests (
                    id        %4$s,
                    line      bigint NOT NULL,
                    ip        %1$s   NOT NULL,
                    at        %3$s   NOT NULL,
                    method    %1$s,
                    path      %1$s   NOT NULL,
                    status    integer NOT NULL,
                    bytes     bigint,
                    referrer  %1$s,
                    agent     %1$s
                )""".formatted(types.text(), types.key(), types.moment(), types.id());
    }

    /** Adds what a line means: a view of its page, a hit of its visitor, and a row of its own. */
    void write(SourceWrites writes, long number, LogLine line) {
        Row page = pages.row(PageKey.of(line.path()));
        writes.increment(page, "views", 1);
        if (line.bytes() != null) writes.increment(page, "bytes", line.bytes());

        Row visitor = visitors.row(line.ip());
        writes.increment(visitor, "hits", 1);
        writes.max(visitor, "last_seen", line.at()); // a log's times go backward

        writes.insert(requests, request(number, line));
    }

    private static Map<String, @Nullable Object> request(long number, LogLine line) {
        Map<String, @Nullable Object> values = new HashMap<>();
        values.put("line", number);
        values.put("ip", line.ip());
        values.put("at", line.at());
        values.put("method", line.method());
        values.put("path", line.path());
        values.put("status", (long) line.status());
        values.put("bytes", line.bytes());
        values.put("referrer", line.referrer());
        values.put("agent", line.agent());
        return values;
    }
}
