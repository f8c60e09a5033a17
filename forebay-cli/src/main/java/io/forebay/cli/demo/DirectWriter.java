package io.forebay.cli.demo;

import io.forebay.cli.CommandFailure;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import javax.sql.DataSource;

/** What programs do without a buffer: one statement and one commit per write, prepared, on one connection. */
final class DirectWriter implements Workload.Writer, AutoCloseable {
    private final Connection connection;
    private final long endNanos;
    private final PreparedStatement updateView;
    private final PreparedStatement insertView;
    private final PreparedStatement updateSeen;
    private final PreparedStatement insertSeen;
    private final PreparedStatement insertAudit;

    DirectWriter(DataSource dataSource, Duration limit) throws SQLException {
        connection = dataSource.getConnection();
        updateView = connection.prepareStatement("UPDATE page_views SET views = views + 1 WHERE path = ?");
        insertView = connection.prepareStatement("INSERT INTO page_views (path, views) VALUES (?, 1)");
        updateSeen = connection.prepareStatement(
                "UPDATE visitors SET last_seen = greatest(last_seen, cast(? AS timestamp with time zone)) WHERE name = ?");
        insertSeen = connection.prepareStatement("INSERT INTO visitors (last_seen, name) VALUES (?, ?)");
        insertAudit = connection.prepareStatement("INSERT INTO audit (who, what) VALUES (?, ?)");
        endNanos = System.nanoTime() + limit.toNanos();
    }

    @Override
    public void view(String path) {
        if (write(updateView, path) == 0) write(insertView, path);
    }

    @Override
    public void seen(String visitor, Instant at) {
        Object time = at.atOffset(ZoneOffset.UTC);
        if (write(updateSeen, time, visitor) == 0) write(insertSeen, time, visitor);
    }

    @Override
    public void audit(String visitor, String path) {
        write(insertAudit, visitor, "read " + path);
    }

    @Override
    public boolean goesOn(long viewsDone) {
        return System.nanoTime() - endNanos < 0;
    }

    private static int write(PreparedStatement statement, Object... values) {
        try {
            for (int i = 0; i < values.length; i++) statement.setObject(i + 1, values[i]);
            return statement.executeUpdate();
        } catch (SQLException e) {
            throw new CommandFailure("a write row by row failed: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
