package io.forebay.redis;

import static io.forebay.redis.BufferSets.bytes;
import static io.forebay.redis.BufferSets.number;
import static io.forebay.redis.BufferSets.tag;
import static io.forebay.redis.BufferSets.text;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.forebay.JournalWriteException;
import io.forebay.codec.PendingCodec;
import io.forebay.redis.RedisDriver.Gap;
import io.forebay.redis.internal.RedisAwayException;
import io.forebay.redis.internal.RedisLink;
import io.forebay.spi.Driver;
import io.forebay.spi.Overlay;
import io.forebay.spi.RowKey;
import io.forebay.spi.SharedFeed;
import io.forebay.spi.SharedJournal;
import io.forebay.spi.SharedWindow;
import io.forebay.spi.Stage;
import io.forebay.spi.TableDefinition;
import io.forebay.spi.TransientSinkException;
import io.lettuce.core.RedisCommandExecutionException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A buffer in Redis as one writer of it. What is pending in a partition is a row of numbered sets, of which the newest is
 * the active one, where windows are merged; the number of a set is the sequence of all that is in it. Thread-safe.
 */
final class RedisJournal implements SharedJournal {
    private static final Logger LOG = LoggerFactory.getLogger(RedisJournal.class);
    private static final String FORMAT = "1";
    private static final int ATTEMPTS = 1_000;
    private static final long RECORD_SECONDS = 14L * 24 * 60 * 60;

    private final RedisLink link;
    private final RedisDriver.Options options;
    private final Driver.Settings settings;
    private final UUID id;
    private final BufferKeys keys;
    private final BufferSets sets;
    private final String writer = UUID.randomUUID().toString();
    private final ExecutorService answers; // acks are completed here, and their listeners may ask Redis something
    private final Map<String, TableDefinition> defined = new ConcurrentHashMap<>();
    private final AtomicLongArray active;
    private final AtomicLongArray told; // number of the newest window that Redis has acknowledged
    private final AtomicLongArray backlog;
    private final AtomicLongArray generation;
    private final AtomicReferenceArray<List<Long>> believed; // the sets with content, as they were seen last

    private RedisJournal(
            RedisLink link, RedisDriver.Options options, Driver.Settings settings, UUID id, BufferKeys keys) {
        this.link = link;
        this.options = options;
        this.settings = settings;
        this.id = id;
        this.keys = keys;
        this.sets = new BufferSets(link, where(options), id, keys);
        int partitions = settings.partitions();
        this.active = new AtomicLongArray(partitions);
        this.told = new AtomicLongArray(partitions);
        this.backlog = new AtomicLongArray(partitions);
        this.generation = new AtomicLongArray(partitions);
        this.believed = new AtomicReferenceArray<>(partitions);
        this.answers = Executors.newSingleThreadExecutor(work -> {
            Thread thread = new Thread(work, "forebay-" + settings.database() + "-redis");
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Finds the buffer, or makes it.
     *
     * @throws IllegalStateException if it is another one than asked for, or this Redis cannot keep it
     * @throws RedisAwayException if Redis does not answer
     */
    static RedisJournal open(RedisLink link, RedisDriver.Options options, Driver.Settings settings) {
        BufferKeys keys = new BufferKeys(link, settings.database());
        try {
            for (int p = 0; p < settings.partitions(); p++) probe(link, options, keys, p);
            UUID id = facts(link, options, settings, keys);
            RedisJournal journal = new RedisJournal(link, options, settings, id, keys);
            journal.look(false);
            return journal;
        } catch (RedisCommandExecutionException e) {
            throw refused(options, e);
        }
    }

    private static RuntimeException refused(RedisDriver.Options options, RedisCommandExecutionException e) {
        String message = where(options) + " refuses a command that the buffer needs: " + e.getMessage();
        return RedisErrors.passes(e) ? new TransientSinkException(message, e) : new IllegalStateException(message, e);
    }

    private static void probe(RedisLink link, RedisDriver.Options options, BufferKeys keys, int partition) {
        List<byte[]> names = List.of(
                keys.probe(partition, 1), keys.probe(partition, 2), keys.probe(partition, 3), keys.probe(partition, 4));
        List<@Nullable Object> reply = link.list(BufferScripts.PROBE, names, List.of());
        if (!tag(reply).equals("in"))
            throw new IllegalStateException(where(options)
                    + " does not tell its replication id (INFO replication), by which a restart is noticed");
        if (options.checksEviction()) requireNoEviction(where(options), text(reply.get(1)));
    }

    /** Otherwise a Redis that is full drops what was acknowledged. */
    private static void requireNoEviction(String where, String memory) {
        String name = "maxmemory_policy:";
        String policy = memory.lines()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(name.length()).strip())
                .findFirst()
                .orElseThrow(
                        () -> new IllegalStateException(
                                where
                                        + " does not tell its maxmemory-policy (INFO memory): make sure that it is noeviction, and use withoutEvictionCheck()"));
        if (!policy.equals("noeviction"))
            throw new IllegalStateException(
                    "%s has maxmemory-policy %s and may drop writes when it is full: it must be noeviction"
                            .formatted(where, policy));
    }

    private static UUID facts(RedisLink link, RedisDriver.Options options, Driver.Settings settings, BufferKeys keys) {
        List<byte[]> mine =
                List.of(bytes(journalOfPartitions(link, settings, keys)), bytes(settings.partitions()), bytes(FORMAT));
        List<@Nullable Object> facts = link.list(BufferScripts.FACTS, List.of(keys.facts()), mine);
        if (!text(facts.get(3)).equals(FORMAT))
            throw new IllegalStateException(
                    "%s: the buffer of %s has format %s, known is %s: use the version that made it"
                            .formatted(where(options), settings.database(), text(facts.get(3)), FORMAT));
        if (!text(facts.get(2)).equals(Integer.toString(settings.partitions())))
            throw new IllegalStateException(
                    "%s: the buffer of %s has %s partitions, not %d: the number changes only with another prefix, when it is drained"
                            .formatted(where(options), settings.database(), text(facts.get(2)), settings.partitions()));
        return UUID.fromString(text(facts.get(1)));
    }

    /** If a Redis has lost the facts, and others go on writing, theirs is the journal. */
    private static String journalOfPartitions(RedisLink link, Driver.Settings settings, BufferKeys keys) {
        for (int p = 0; p < settings.partitions(); p++) {
            byte[] meta = keys.partition(p).get(0);
            byte @Nullable [] journal = link.call(it -> it.hget(meta, bytes("journal")));
            if (journal != null) return new String(journal, UTF_8);
        }
        return UUID.randomUUID().toString();
    }

    private static String where(RedisDriver.Options options) {
        return "Redis at " + options.settings().address();
    }

    BufferSets sets() {
        return sets;
    }

    int partitions() {
        return settings.partitions();
    }

    @Override
    public String description() {
        return where(options);
    }

    @Override
    public UUID id() {
        return id;
    }

    @Override
    public CompletableFuture<Long> append(int partition, long number, SharedWindow window) {
        return append(partition, number, window, SetContent.arguments(window), ATTEMPTS)
                .whenCompleteAsync((sequence, failure) -> {}, answers);
    }

    private CompletableFuture<Long> append(
            int partition, long number, SharedWindow window, List<byte[]> content, int attempts) {
        long known = active.get(partition);
        long before = told.get(partition);
        List<byte[]> arguments = new ArrayList<>();
        arguments.add(bytes(writer));
        arguments.addAll(BufferSets.numbers(
                number,
                before,
                settings.flush().maxRows(),
                settings.flush().maxBytes(),
                content.stream().mapToLong(part -> part.length).sum(),
                window.rows().size()));
        arguments.addAll(content);
        return sets.run(BufferScripts.APPEND, partition, known, keys.set(partition, known), arguments)
                .thenCompose(reply -> {
                    if (tag(reply).equals("in"))
                        return CompletableFuture.completedFuture(acknowledged(partition, number, reply));
                    if (tag(reply).equals("lost")) lost(partition, before, number(reply, 1));
                    active.set(partition, number(reply, tag(reply).equals("lost") ? 2 : 1));
                    if (attempts > 0) return append(partition, number, window, content, attempts - 1);
                    throw new TransientSinkException(description() + ": the active set changes all the time", null);
                });
    }

    private long acknowledged(int partition, long number, List<@Nullable Object> reply) {
        told.accumulateAndGet(partition, number, Math::max);
        active.accumulateAndGet(partition, number(reply, 2), Math::max);
        backlog.set(partition, number(reply, 3));
        renewed(partition, number(reply, 4));
        return number(reply, 1);
    }

    private void renewed(int partition, long now) {
        long before = generation.getAndSet(partition, now);
        if (before != 0 && before != now)
            LOG.warn(
                    "{}: {} was started again, or another one took over: partition {} goes on with set {}",
                    settings.database(),
                    description(),
                    partition,
                    now);
    }

    /** Redis has less of this writer's windows than it has acknowledged. Of several who notice, one reports it. */
    private void lost(int partition, long acknowledged, long left) {
        if (left >= acknowledged || !told.compareAndSet(partition, acknowledged, left)) return;
        Gap gap = new Gap(settings.database(), partition, left + 1, acknowledged);
        LOG.error(
                "{}: {} has lost acknowledged writes: windows {} to {} of this process to partition {}; those that were not in the database yet are gone",
                settings.database(),
                description(),
                gap.first(),
                gap.last(),
                partition);
        try {
            options.gaps().lost(gap);
        } catch (RuntimeException e) {
            LOG.warn("{}: a listener failed", settings.database(), e);
        }
    }

    @Override
    public void requireWritable() {
        RedisAwayException away = sets.away();
        if (away != null && options.whenAway() == RedisDriver.WhenAway.FAIL)
            throw new JournalWriteException(
                    "%s: refused a write: %s".formatted(settings.database(), away.getMessage()), away);
    }

    @Override
    public Tail tail(int partition, RowKey key, long atLeast) {
        byte[] row = PendingCodec.encodeKey(key);
        for (int i = 0; i < ATTEMPTS; i++) {
            List<Long> numbers = Objects.requireNonNullElse(believed.get(partition), List.of());
            long before = told.get(partition);
            List<@Nullable Object> reply = tail(partition, row, numbers);
            if (tag(reply).equals("in")) {
                long seen = number(reply, 1);
                if (seen < atLeast) lost(partition, before, seen);
                return new Tail(seen, number(reply, 4), new Overlay(number(reply, 2), slices(reply.get(3))));
            }
            believed.set(partition, numbers(reply.get(1)));
        }
        throw new TransientSinkException(
                "%s: partition %d changes too fast to be read".formatted(description(), partition), null);
    }

    private List<@Nullable Object> tail(int partition, byte[] row, List<Long> numbers) {
        List<byte[]> names = new ArrayList<>(keys.partition(partition));
        List<byte[]> arguments = new ArrayList<>(List.of(bytes(writer), row));
        for (long set : numbers) {
            names.addAll(keys.set(partition, set).subList(0, 2));
            arguments.add(bytes(set));
        }
        return sets.call(BufferScripts.TAIL, names, arguments);
    }

    private static List<Long> numbers(@Nullable Object list) {
        return ((List<?>) Objects.requireNonNull(list))
                .stream().map(number -> Long.parseLong(text(number))).toList();
    }

    /** No watermark is ever within a set, so a slice need not begin where the set before it ended. */
    private static List<Overlay.Slice> slices(@Nullable Object list) {
        List<Overlay.Slice> slices = new ArrayList<>();
        for (Object each : (List<?>) Objects.requireNonNull(list)) {
            List<?> slice = (List<?>) each;
            long set = Long.parseLong(text(slice.get(0)));
            List<Stage> stages = SetContent.reading(
                    "set " + set, () -> SetContent.stages((byte[]) slice.get(1), (List<?>) slice.get(2)));
            slices.add(new Overlay.Slice(set - 1, set, stages));
        }
        return slices;
    }

    @Override
    public void flushSoon(int partition) {
        BufferSets.await(sets.run(BufferScripts.ASK, partition, 0, List.of(), List.of()));
    }

    @Override
    public Range range(int partition) {
        List<@Nullable Object> reply =
                BufferSets.await(sets.run(BufferScripts.RANGE, partition, 0, List.of(), List.of()));
        return new Range(number(reply, 1), number(reply, 2), number(reply, 3));
    }

    @Override
    public void define(TableDefinition table) {
        byte[] name = bytes(table.info().name());
        byte[] bytes = PendingCodec.encodeTable(table);
        sets.reach(() -> link.call(it -> it.hset(keys.tables(), name, bytes)));
        defined.put(table.info().name(), table);
    }

    @Override
    public Optional<TableDefinition> definition(String table) {
        byte @Nullable [] bytes =
                sets.reach(() -> Optional.<byte[]>ofNullable(link.call(it -> it.hget(keys.tables(), bytes(table))))
                        .orElse(null));
        return Optional.ofNullable(bytes).map(PendingCodec::decodeTable);
    }

    @Override
    public SharedFeed feed() {
        return new RedisFeed(this, settings.flush(), options.lease());
    }

    @Override
    public long backlogBytes() {
        return LongStream.range(0, partitions())
                .map(partition -> backlog.get((int) partition))
                .sum();
    }

    void backlog(int partition, long bytes) {
        backlog.set(partition, bytes);
    }

    /** Puts back what a Redis has forgotten that holds the buffer's identity. */
    void restoreFacts() {
        List<@Nullable Object> facts = sets.call(
                BufferScripts.FACTS,
                List.of(keys.facts()),
                List.of(bytes(id.toString()), bytes(partitions()), bytes(FORMAT)));
        if (number(facts, 0) == 1) defined.values().forEach(this::define);
    }

    /** Looks at every partition: how much waits there, and whether it has all that this process was told it has. */
    void look(boolean tidy) {
        List<CompletableFuture<?>> looks = new ArrayList<>();
        for (int p = 0; p < partitions(); p++) {
            int partition = p;
            long before = told.get(p);
            looks.add(sets.run(BufferScripts.LOOK, p, 0, List.of(), List.of(bytes(writer)))
                    .thenAccept(reply -> looked(partition, before, reply)));
            if (tidy)
                looks.add(sets.run(BufferScripts.TIDY, p, 0, List.of(), List.of(bytes(writer), bytes(RECORD_SECONDS))));
        }
        looks.forEach(BufferSets::await);
    }

    private void looked(int partition, long before, List<@Nullable Object> reply) {
        lost(partition, before, number(reply, 1));
        backlog.set(partition, number(reply, 2));
        active.accumulateAndGet(partition, number(reply, 3), Math::max);
        renewed(partition, number(reply, 4));
    }

    @Override
    public void close() {
        answers.shutdown();
        link.close();
    }
}
