package io.forebay.jdbc;

import io.forebay.MissingRow;
import io.forebay.spi.Batch;
import io.forebay.spi.BatchResult;
import io.forebay.spi.DeadLetter;
import io.forebay.spi.SchemaFaultException;
import io.forebay.spi.TableDefinition;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Applies one batch: the watermark's compare-and-set, the rows, the dead letters, commit. */
final class FlushTransaction {
    /** From this many refused rows on, a batch that is mostly refused is a fault of the schema. */
    private static final int FAULT_MIN_ROWS = 20;

    private final Session session;
    private final Dialect dialect;
    private final Tables tables;
    private final Batch batch;

    FlushTransaction(Session session, Dialect dialect, Tables tables, Batch batch) {
        this.session = session;
        this.dialect = dialect;
        this.tables = tables;
        this.batch = batch;
    }

    /** A batch in which the database refuses something is begun again, from the compare-and-set on, with savepoints. */
    BatchResult run(Duration statementTimeout) throws SQLException {
        if (!begin(statementTimeout)) return alreadyApplied();
        RowWriter swift = writer();
        if (swift.writeSwiftly(rows(), appends())) return commit(swift);

        session.rollback();
        if (!begin(statementTimeout)) return alreadyApplied();
        RowWriter careful = writer();
        careful.write(rows(), appends());
        refuseFault(careful.refusedRows());
        return commit(careful);
    }

    /** Returns whether the watermark was moved. */
    private boolean begin(Duration statementTimeout) throws SQLException {
        session.begin();
        dialect.prepareTransaction(session, statementTimeout);
        return new Watermarks(session, dialect).advance(batch);
    }

    private BatchResult commit(RowWriter writer) throws SQLException {
        new DeadLetterTable(session, dialect).insert(batch, writer.deadLetters());
        session.commit();
        return new BatchResult(false, writer.deadLetters(), writer.ignored(), session.statements());
    }

    private RowWriter writer() {
        return new RowWriter(
                session,
                dialect,
                tables,
                batch.tables().values().stream().map(TableDefinition::info).toList(),
                this::missingRow);
    }

    private List<RowWork> rows() {
        return batch.rows().stream().map(RowWork::of).toList();
    }

    private List<RowWork> appends() {
        return batch.appends().stream().map(RowWork::of).toList();
    }

    private MissingRow missingRow(String table) {
        TableDefinition definition = batch.tables().get(table);
        return definition == null ? MissingRow.DEAD_LETTER : definition.missingRow();
    }

    /**
     * More than half of the rows, at least twenty, and all for one reason: that is no longer about the rows. Only what
     * the database itself refused counts; a missing row or a known duplicate says nothing about the schema.
     */
    private void refuseFault(Map<String, Integer> refusedRows) {
        if (refusedRows.size() != 1) return;
        Map.Entry<String, Integer> refused = refusedRows.entrySet().iterator().next();
        if (refused.getValue() >= FAULT_MIN_ROWS && refused.getValue() * 2L > batch.size())
            throw new SchemaFaultException(
                    "the database refused %d of %d rows, all with SQLSTATE %s: nothing was written"
                            .formatted(refused.getValue(), batch.size(), refused.getKey()),
                    null);
    }

    /** The compare-and-set has waited for whoever held the row, so that what is read now is final. */
    private BatchResult alreadyApplied() throws SQLException {
        session.rollback();
        session.begin();
        new Watermarks(session, dialect).requireApplied(batch);
        List<DeadLetter> letters =
                new DeadLetterTable(session, dialect).of(batch.journal(), batch.partition(), batch.id());
        session.rollback();
        return new BatchResult(true, letters, 0, session.statements());
    }
}
