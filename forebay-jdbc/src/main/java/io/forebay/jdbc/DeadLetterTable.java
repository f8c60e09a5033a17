package io.forebay.jdbc;

import io.forebay.codec.MutationCodec;
import io.forebay.spi.Batch;
import io.forebay.spi.Bytes;
import io.forebay.spi.ColumnType;
import io.forebay.spi.DeadLetter;
import io.forebay.spi.Refused;
import io.forebay.spi.RowKey;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The rows of {@code forebay_dead_letter}, within the session's transaction. */
final class DeadLetterTable {
    private static final int MESSAGE_CHARS = 4000;

    private static final String INSERT = """
            INSERT INTO forebay_dead_letter
                (journal, partition_no, batch, ordinal, from_sequence, to_sequence, table_name, row_key, payload, state, message, created_at, attempts)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, %s, 1)""";

    private static final ColumnType CREATED_TYPE = new ColumnType.Moment(6);
    private static final int CREATED = 1; // the index it is selected at

    private static final String ROW = " WHERE journal = ? AND partition_no = ? AND batch = ? AND ordinal = ?";

    private final Session session;
    private final Dialect dialect;

    DeadLetterTable(Session session, Dialect dialect) {
        this.session = session;
        this.dialect = dialect;
    }

    /** A stored dead letter. */
    record Stored(UUID journal, int partition, UUID batch, DeadLetter letter, Instant created, int attempts) {}

    void insert(Batch batch, List<DeadLetter> letters) throws SQLException {
        if (letters.isEmpty()) return;
        List<@Nullable Object[]> rows = new ArrayList<>();
        for (DeadLetter letter : letters) {
            rows.add(new @Nullable Object[] {
                batch.journal().toString(),
                batch.partition(),
                batch.id().toString(),
                letter.ordinal(),
                batch.from(),
                batch.to(),
                printable(letter.table()),
                letter.key() == null ? null : printable(letter.key().values().toString()),
                payload(letter),
                letter.state(),
                printable(letter.message())
            });
        }
        session.updateEach(INSERT.formatted(dialect.now()), rows);
    }

    List<DeadLetter> of(UUID journal, int partition, UUID batch) throws SQLException {
        return session
                .query(
                        select() + " FROM forebay_dead_letter"
                                + " WHERE journal = ? AND partition_no = ? AND batch = ? ORDER BY ordinal",
                        this::stored,
                        journal.toString(),
                        partition,
                        batch.toString())
                .stream()
                .map(Stored::letter)
                .toList();
    }

    /** What was refused of batches of a partition that end above a sequence. */
    List<Refused> above(UUID journal, int partition, long sequence) throws SQLException {
        return session.query(
                select() + ", from_sequence, to_sequence FROM forebay_dead_letter"
                        + " WHERE journal = ? AND partition_no = ? AND to_sequence > ? ORDER BY to_sequence, ordinal",
                row -> new Refused(
                        row.getLong("from_sequence"),
                        row.getLong("to_sequence"),
                        stored(row).letter()),
                journal.toString(),
                partition,
                sequence);
    }

    /** All, oldest first, at most {@code limit}. */
    List<Stored> list(int limit) throws SQLException {
        return session.query(
                select() + " FROM forebay_dead_letter"
                        + " ORDER BY created_at, journal, partition_no, batch, ordinal LIMIT " + limit,
                this::stored);
    }

    /** Locks a dead letter; false if another program has replayed or dropped it. An update locks on every database. */
    boolean lock(Stored stored) throws SQLException {
        return session.update("UPDATE forebay_dead_letter SET attempts = attempts" + ROW, id(stored)) == 1;
    }

    boolean delete(Stored stored) throws SQLException {
        return session.update("DELETE FROM forebay_dead_letter" + ROW, id(stored)) == 1;
    }

    void refusedAgain(Stored stored, String state, String message) throws SQLException {
        session.update(
                "UPDATE forebay_dead_letter SET attempts = attempts + 1, state = ?, message = ?" + ROW,
                state,
                printable(message),
                stored.journal().toString(),
                stored.partition(),
                stored.batch().toString(),
                stored.letter().ordinal());
    }

    private static @Nullable Object[] id(Stored stored) {
        return new @Nullable Object[] {
            stored.journal().toString(),
            stored.partition(),
            stored.batch().toString(),
            stored.letter().ordinal()
        };
    }

    private static byte[] payload(DeadLetter letter) {
        return MutationCodec.encode(new MutationCodec.Mutation(letter.table(), letter.key(), letter.stage()))
                .toArray();
    }

    private String select() {
        return "SELECT " + dialect.selected("created_at", CREATED_TYPE)
                + ", journal, partition_no, batch, ordinal, payload, state, message, attempts";
    }

    private Instant created(ResultSet row) throws SQLException {
        if (dialect.read(row, CREATED, CREATED_TYPE) instanceof Instant created) return created;
        throw new SQLException("forebay_dead_letter.created_at holds no moment");
    }

    private Stored stored(ResultSet row) throws SQLException {
        MutationCodec.Mutation mutation = MutationCodec.decode(Bytes.copyOf(row.getBytes("payload")));
        RowKey key = mutation.key();
        DeadLetter letter = new DeadLetter(
                row.getInt("ordinal"),
                mutation.table(),
                key,
                mutation.stage(),
                row.getString("state"),
                row.getString("message"));
        return new Stored(
                UUID.fromString(row.getString("journal")),
                row.getInt("partition_no"),
                UUID.fromString(row.getString("batch")),
                letter,
                created(row),
                row.getInt("attempts"));
    }

    /** For people: U+0000, which some databases refuse in a text, is left out; so is what is too long to read. */
    private static String printable(String text) {
        String clean = text.replace("\0", "");
        return clean.length() <= MESSAGE_CHARS ? clean : clean.substring(0, MESSAGE_CHARS) + "…";
    }
}
