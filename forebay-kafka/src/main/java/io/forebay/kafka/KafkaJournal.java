package io.forebay.kafka;

import io.forebay.JournalWriteException;
import io.forebay.kafka.KafkaDriver.Reads;
import io.forebay.kafka.KafkaDriver.WhenAway;
import io.forebay.spi.Driver;
import io.forebay.spi.RowKey;
import io.forebay.spi.SharedFeed;
import io.forebay.spi.SharedJournal;
import io.forebay.spi.SharedWindow;
import io.forebay.spi.TableDefinition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A topic as the journal of one database. The sequence of a record is its offset plus one, so that a watermark is the next
 * offset and begins at 0 (rule K2).
 */
final class KafkaJournal implements SharedJournal {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaJournal.class);
    private static final long TICK_MILLIS = 500;

    private final String description;
    private final String group;
    private final KafkaOptions options;
    private final JournalClients clients;
    private final Cluster cluster;
    private final String topicId;
    private final UUID id;
    private final UUID writerId = UUID.randomUUID();
    private final List<TopicPartition> partitions;
    private final List<Written> written = new ArrayList<>();
    private final Sizes sizes = new Sizes();
    private final Deletions deletions;
    private final Producer<byte[], byte[]> windows;
    private final Producer<byte[], byte[]> others;
    private final WindowWriter writer;
    private final Asks asks;
    private final TableShelf tables;
    private final ExecutorService settling;
    private final ScheduledExecutorService ticks;
    private @Nullable TopicView view; // guarded by this
    private volatile Map<TopicPartition, Long> hints = Map.of();
    private volatile long backlogRecords;
    private volatile @Nullable KafkaException away;

    /** See {@link KafkaDriver#open}. */
    static KafkaJournal open(KafkaOptions options, Driver.Settings settings) {
        String topic = options.prefix() + settings.database();
        String description = "Kafka topic " + topic;
        JournalClients clients = new JournalClients("forebay-" + settings.database(), options.clients());
        Cluster cluster = new Cluster(clients.admin());
        try {
            return KafkaErrors.calling(
                    "opening " + description, () -> new KafkaJournal(options, clients, cluster, topic, settings));
        } catch (RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    private KafkaJournal(
            KafkaOptions options, JournalClients clients, Cluster cluster, String topic, Driver.Settings settings) {
        this.options = options;
        this.clients = clients;
        this.cluster = cluster;
        this.group = topic;
        this.description = "Kafka topic " + topic;
        this.topicId = cluster.require(topic, settings.partitions(), options.replication(), TopicRules.WRITES);
        this.id = cluster.identity(topicId);
        TopicPartition shelf = new TopicPartition(topic + ".tables", 0);
        cluster.require(shelf.topic(), 1, options.replication(), TopicRules.TABLES);
        this.partitions = IntStream.range(0, settings.partitions())
                .mapToObj(partition -> new TopicPartition(topic, partition))
                .toList();
        Map<TopicPartition, Long> ends = cluster.ends(partitions);
        for (TopicPartition partition : partitions) written.add(new Written(ends.getOrDefault(partition, 0L)));

        this.deletions = new Deletions(options.keepApplied(), System::nanoTime);
        this.settling = Executors.newCachedThreadPool(threads("forebay-settle-" + topic));
        this.ticks = Executors.newSingleThreadScheduledExecutor(threads("forebay-tick-" + topic));
        this.windows = clients.producer();
        this.others = clients.producer();
        this.writer =
                new WindowWriter(description, partitions, writerId, written, windows, clients::reader, settling, sizes);
        this.asks = new Asks(partitions, writerId, others);
        this.tables = new TableShelf(shelf, clients.reader(), others);
        var unused = ticks.scheduleWithFixedDelay(this::tick, 0, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    private static ThreadFactory threads(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }

    /** Learns how far the database is, deletes what it has held for long enough, and finds out whether Kafka is there. */
    private void tick() {
        try {
            hints = cluster.hints(group, topicId);
            Map<TopicPartition, Long> starts = cluster.starts(partitions);
            Map<TopicPartition, Long> done = new HashMap<>(starts);
            hints.forEach((partition, hint) -> done.merge(partition, hint, Math::max));
            letGo(done);
            backlogRecords = cluster.ends(partitions).entrySet().stream()
                    .mapToLong(end -> Math.max(0, end.getValue() - done.getOrDefault(end.getKey(), 0L)))
                    .sum();
            deleteDue();
            asks.again();
            if (away != null) LOG.info("{} is there again", description);
            away = null;
        } catch (KafkaException e) {
            if (away == null) LOG.warn("{} is away: {}", description, e.getMessage());
            away = e;
        }
    }

    private void letGo(Map<TopicPartition, Long> watermarks) {
        TopicView following;
        synchronized (this) {
            following = view;
        }
        if (following != null) following.release(watermarks);
    }

    private void deleteDue() {
        Map<TopicPartition, Long> due = deletions.takeDue();
        if (!due.isEmpty()) cluster.delete(due);
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public UUID id() {
        return id;
    }

    @Override
    public CompletableFuture<Long> append(int partition, long number, SharedWindow window) {
        return writer.append(partition, number, window);
    }

    @Override
    public void requireWritable() {
        KafkaException reason = away;
        if (reason != null && options.whenAway() == WhenAway.FAIL)
            throw new JournalWriteException(description + " is away: " + reason.getMessage(), reason);
    }

    /** What any process was told is written stands before the end that is asked for here (rule K5). */
    @Override
    public Tail tail(int partition, RowKey key, long atLeast) {
        TopicView following = view(); // first: whatever is not in then will be seen by it
        Written own = written.get(partition);
        long known = own.number();
        long from = own.end();
        if (options.reads() == Reads.NEWEST) from = Math.max(from, end(partition));
        return following.tail(partition, key, from, known, own, options.readTimeout());
    }

    private long end(int partition) {
        TopicPartition place = partitions.get(partition);
        return KafkaErrors.calling("asking for the end of " + place, () -> cluster.ends(List.of(place)))
                .getOrDefault(place, 0L);
    }

    private synchronized TopicView view() {
        if (view == null) view = KafkaErrors.calling("reading " + description, this::follow);
        return view;
    }

    /** What the database is known to hold needs no place in the view, but own windows that may be on their way have to be seen. */
    private TopicView follow() {
        Map<TopicPartition, Long> from = new HashMap<>(cluster.starts(partitions));
        cluster.hints(group, topicId).forEach((partition, hint) -> from.merge(partition, hint, Math::max));
        for (TopicPartition partition : partitions)
            from.merge(partition, written.get(partition.partition()).end(), Math::min);
        return new TopicView(description, partitions, writerId, clients.reader(), from);
    }

    @Override
    public void flushSoon(int partition) {
        asks.ask(partition);
    }

    @Override
    public void define(TableDefinition table) {
        KafkaErrors.calling("keeping the definition of " + table.info().name(), () -> {
            tables.define(table);
            return table;
        });
    }

    @Override
    public Optional<TableDefinition> definition(String table) {
        return KafkaErrors.calling("reading the definition of " + table, () -> tables.definition(table));
    }

    @Override
    public SharedFeed feed() {
        return new KafkaFeed(
                description, topicId, partitions, clients.member(group), deletions, this::deleteAtEnd, sizes);
    }

    private void deleteAtEnd() {
        try {
            deleteDue();
        } catch (KafkaException e) {
            LOG.debug("{}: what was flushed is deleted later: {}", description, e.getMessage());
        }
    }

    @Override
    public long backlogBytes() {
        return backlogRecords * sizes.average();
    }

    @Override
    public Range range(int partition) {
        TopicPartition place = partitions.get(partition);
        return KafkaErrors.calling("asking what " + place + " holds", () -> {
            long start = cluster.starts(List.of(place)).getOrDefault(place, 0L);
            long end = cluster.ends(List.of(place)).getOrDefault(place, 0L);
            return new Range(start, Math.max(start, end));
        });
    }

    /** What is on its way may get in still: its writers are told that this is not known. */
    @Override
    public void close() {
        ticks.shutdownNow();
        synchronized (this) {
            if (view != null) view.close();
        }
        tables.close();
        windows.close(Duration.ZERO);
        others.close(Duration.ZERO);
        settling.shutdownNow();
        cluster.close();
    }
}
