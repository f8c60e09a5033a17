package io.forebay.benchmarks.peers;

import java.sql.PreparedStatement;
import java.util.concurrent.atomic.AtomicLong;

/** No buffer: one row per transaction, through the pool. */
final class DirectPeer implements Peer {
    private final Setting setting;
    private final AtomicLong statements = new AtomicLong();

    DirectPeer(Setting setting) {
        this.setting = setting;
    }

    @Override
    public void increment(long id) {
        execute("UPDATE counters SET value = value + 1 WHERE id = ?", id);
    }

    @Override
    public void stamp(long id, long seen) {
        execute("UPDATE stamps SET seen = ? WHERE id = ?", seen, id);
    }

    @Override
    public void audit(long id, String text) {
        String[] parts = text.split("\\|");
        execute("INSERT INTO audit (id, who, what) VALUES (?, ?, ?)", id, parts[0], parts[1]);
    }

    private void execute(String sql, Object... values) {
        setting.database().run(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                for (int i = 0; i < values.length; i++) statement.setObject(i + 1, values[i]);
                return statement.executeUpdate();
            }
        });
        statements.incrementAndGet();
    }

    @Override
    public Sent sent() {
        return new Sent(statements.get(), statements.get());
    }

    @Override
    public void close() {
        // nothing is pending
    }
}
