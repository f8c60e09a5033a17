package io.forebay.jdbc;

import io.forebay.spi.BaseRow;
import io.forebay.spi.Batch;
import io.forebay.spi.BatchResult;
import io.forebay.spi.Column;
import io.forebay.spi.ColumnType;
import io.forebay.spi.Refused;
import io.forebay.spi.RowKey;
import io.forebay.spi.SchemaFaultException;
import io.forebay.spi.Sink;
import io.forebay.spi.SinkSettings;
import io.forebay.spi.TableInfo;
import io.forebay.spi.Watermark;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Applies batches by JDBC. Every call takes a connection and gives it back as it was. Thread-safe. */
final class JdbcSink implements Sink {
    /** By address: several sinks of this process may write to one database that wants one writer. */
    private static final Map<String, ReentrantLock> ONLY_WRITERS = new ConcurrentHashMap<>();

    private final DataSource dataSource;
    private final SinkSettings settings;
    private final Tables tables = new Tables();
    private final Map<Session, Slot> applying = new ConcurrentHashMap<>();
    private volatile @Nullable Dialect dialect; // known since the first connection, like the description
    private volatile String description = "a database not reached yet";

    /** Whose batch is being applied. */
    private record Slot(UUID journal, int partition) {}

    private interface Work<T> {
        T in(Session session, Dialect dialect) throws SQLException;
    }

    JdbcSink(DataSource dataSource, SinkSettings settings) {
        this.dataSource = dataSource;
        this.settings = settings;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public UUID attach(UUID journal, int partitions, @Nullable UUID expected) {
        return write("attaching journal " + journal, (session, sql) -> {
            sql.requireDurable(session);
            ForebayTables.require(session, sql, settings.createTables());
            return new Attachment(session, sql, settings.flushTimeout()).attach(journal, partitions, expected);
        });
    }

    @Override
    public TableInfo describe(String table) {
        return run(
                "describing table " + table,
                (session, sql) -> tables.refresh(session, sql, table).info());
    }

    @Override
    public Watermark own(UUID journal, int partition) {
        return write("taking partition " + partition, (session, sql) -> {
            session.begin();
            sql.prepareTransaction(session, settings.flushTimeout());
            Watermark watermark = new Watermarks(session, sql).take(journal, partition);
            session.commit();
            return watermark;
        });
    }

    @Override
    public BatchResult apply(Batch batch) {
        Slot slot = new Slot(batch.journal(), batch.partition());
        try {
            return write("applying batch " + batch.id() + " of partition " + batch.partition(), (session, sql) -> {
                applying.put(session, slot);
                try {
                    return new FlushTransaction(session, sql, tables, batch).run(settings.flushTimeout());
                } finally {
                    applying.remove(session);
                }
            });
        } catch (SchemaFaultException e) {
            tables.forget(); // a person will look, and may change them
            throw e;
        }
    }

    @Override
    public BaseRow read(UUID journal, int partition, TableInfo table, RowKey key) {
        return run("reading a row of " + table.name(), (session, sql) -> {
            JdbcTable known = tables.require(session, sql, table.name());
            List<Column> columns = table.columns().values().stream()
                    .filter(column -> !(column.type() instanceof ColumnType.Unsupported))
                    .toList();
            List<@Nullable Object> values = new ArrayList<>();
            for (Object value : key.values()) values.add(sql.toJdbc(value));
            values.add(journal.toString());
            values.add(partition);

            return session.firstFresh(
                            readStatement(sql, known, columns), it -> baseRow(sql, it, columns), values.toArray())
                    .orElseThrow(() -> Watermarks.missing(journal, partition));
        });
    }

    @Override
    public List<Watermark> watermarks(UUID journal) {
        return run(
                "reading the watermarks",
                (session, sql) -> session.fresh(() -> new Watermarks(session, sql).all(journal)));
    }

    @Override
    public List<Refused> refused(UUID journal, int partition, long above) {
        return run(
                "reading the dead letters",
                (session, sql) ->
                        session.fresh(() -> new DeadLetterTable(session, sql).above(journal, partition, above)));
    }

    private static String readStatement(Dialect sql, JdbcTable table, List<Column> columns) {
        List<String> key = table.info().key();
        String selected = columns.stream()
                .map(it -> ", " + sql.selected("t." + sql.quote(it.name()), it.type()))
                .collect(Collectors.joining());
        String match = key.stream()
                .map(it -> "t." + sql.quote(it) + " = " + sql.parameter(table, it))
                .collect(Collectors.joining(" AND "));
        return "SELECT w.sequence, CASE WHEN t." + sql.quote(key.get(0)) + " IS NULL THEN 0 ELSE 1 END" + selected
                + " FROM forebay_watermark w LEFT JOIN " + table.sqlName() + " t ON " + match
                + " WHERE w.journal = ? AND w.partition_no = ?";
    }

    private static BaseRow baseRow(Dialect sql, ResultSet row, List<Column> columns) throws SQLException {
        long watermark = row.getLong(1);
        if (row.getInt(2) == 0) return new BaseRow(watermark, Optional.empty());
        Map<String, @Nullable Object> values = new TreeMap<>();
        for (int i = 0; i < columns.size(); i++)
            values.put(
                    columns.get(i).name(), sql.read(row, i + 3, columns.get(i).type()));
        return new BaseRow(watermark, Optional.of(values));
    }

    @Override
    public void abort(UUID journal, int partition) {
        Slot slot = new Slot(journal, partition);
        applying.forEach((session, owner) -> {
            if (owner.equals(slot)) session.abort();
        });
    }

    /** The data source was handed in and stays open. */
    @Override
    public void close() {}

    /** One after the other, on a database that wants it so; the other sinks of this process that write to it included. */
    private <T> T write(String doing, Work<T> work) {
        return run(doing, (session, sql) -> {
            if (sql.writesAtOnce()) return work.in(session, sql);
            ReentrantLock onlyWriter = ONLY_WRITERS.computeIfAbsent(description, address -> new ReentrantLock());
            onlyWriter.lock();
            try {
                return work.in(session, sql);
            } finally {
                onlyWriter.unlock();
            }
        });
    }

    private <T> T run(String doing, Work<T> work) {
        try (Session session = Session.open(dataSource)) {
            return work.in(session, dialect(session));
        } catch (SQLException e) {
            Dialect known = dialect;
            throw (known == null ? SqlErrors.STANDARD : known.errors()).translate(doing, e);
        }
    }

    private Dialect dialect(Session session) throws SQLException {
        Dialect known = dialect;
        if (known != null) return known;
        known = Dialect.of(session);
        description = withoutCredentials(session.connection().getMetaData().getURL());
        dialect = known;
        return known;
    }

    /** {@code jdbc:postgresql://host/db?user=…} becomes {@code postgresql://host/db}. */
    static String withoutCredentials(@Nullable String url) {
        if (url == null) return "a database without a URL";
        return url.replaceFirst("^jdbc:", "").replaceFirst("[?;].*", "").replaceFirst("//[^/@]*@", "//");
    }
}
