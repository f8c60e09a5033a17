package io.forebay.redis.cache;

import io.forebay.redis.internal.RedisAwayException;
import io.forebay.redis.internal.RedisLink;
import io.forebay.redis.internal.Script;
import io.lettuce.core.RedisCommandExecutionException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The level in Redis. Thread-safe; every method throws, or completes with, {@link CacheUnavailableException}. */
final class CacheStore {
    private static final int KEYS_PER_SCRIPT = 500;
    private static final long FENCE_MICROS = TimeUnit.HOURS.toMicros(1);
    private static final byte VALUE = 1;
    private static final byte NOTHING = 0;

    private final RedisLink link;
    private final CacheSettings settings;
    private final CacheKeys keys;
    private final UUID process = UUID.randomUUID();
    private final AtomicLong ids = new AtomicLong();

    CacheStore(RedisLink link, CacheSettings settings) {
        this.link = link;
        this.settings = settings;
        this.keys = new CacheKeys(link, settings.name());
    }

    CacheKeys keys() {
        return keys;
    }

    /** Looks whether a value is there. */
    Found peek(String key) {
        return find(key, 0, 0);
    }

    /** Looks whether a value is there, and takes the lease to load it if not. */
    Found find(String key, Duration lease, Duration longestTtl) {
        return find(key, micros(lease), micros(lease) + micros(longestTtl));
    }

    private Found find(String key, long leaseMicros, long keepMicros) {
        List<byte[]> arguments = arguments(CacheKeys.shard(key), leaseMicros, keepMicros);
        CacheKeys.prefixes(key).forEach(prefix -> arguments.add(bytes(prefix)));
        List<@Nullable Object> reply = run(CacheScripts.GET, keys.entryKeys(key), arguments);
        return switch (text(reply, 0)) {
            case "hit" ->
                new Found.Hit(
                        ByteBuffer.wrap((byte[]) element(reply, 1)),
                        texts(reply, 3),
                        Duration.ofMillis(number(reply, 2)));
            case "load" -> new Found.Load(text(reply, 1));
            case "busy" -> new Found.Busy(Duration.ofMillis(number(reply, 1)));
            case "quiet" -> new Found.Quiet();
            default -> new Found.None();
        };
    }

    /** Stores what was loaded under a lease; false if it came too late or was invalidated meanwhile. */
    boolean fill(String key, String token, byte[] payload, Duration ttl, Collection<String> tags) {
        List<byte[]> arguments = arguments(CacheKeys.shard(key), token);
        arguments.add(payload);
        arguments.add(bytes(ttl.toMillis()));
        arguments.add(bytes(tags.size()));
        tags.forEach(tag -> arguments.add(bytes(tag)));
        CacheKeys.prefixes(key).forEach(prefix -> arguments.add(bytes(prefix)));
        return text(run(CacheScripts.FILL, keys.entryKeys(key), arguments), 0).equals("stored");
    }

    /** Lets another one load. */
    void release(String key, String token) {
        run(CacheScripts.RELEASE, keys.entryKeys(key), arguments(CacheKeys.shard(key), token));
    }

    /** @param what with prefixes that end with a colon; not everything */
    CompletableFuture<Void> invalidate(Announcement what) {
        List<CompletableFuture<?>> answers = new ArrayList<>();
        boolean named = !what.tags().isEmpty() || !what.prefixes().isEmpty();
        List<List<String>> byShard = CacheKeys.byShard(what.keys());
        for (int shard = 0; shard < CacheKeys.SHARDS; shard++) {
            if (named) answers.add(invalidate(shard, Announcement.of(Set.of(), what.tags(), what.prefixes())));
            List<String> mine = byShard.get(shard);
            for (int from = 0; from < mine.size(); from += KEYS_PER_SCRIPT) {
                Set<String> some = Set.copyOf(mine.subList(from, Math.min(from + KEYS_PER_SCRIPT, mine.size())));
                answers.add(invalidate(shard, Announcement.of(some, Set.of(), Set.of())));
            }
        }
        return all(answers);
    }

    private CompletableFuture<?> invalidate(int shard, Announcement what) {
        List<byte[]> names = new ArrayList<>(keys.shardKeys(shard));
        List<byte[]> arguments = arguments(shard, micros(settings.grace()));
        arguments.add(what.toJson());
        List<String> marks = new ArrayList<>();
        what.tags().forEach(tag -> marks.add("t:" + tag));
        what.prefixes().forEach(prefix -> marks.add("p:" + prefix));
        for (String mark : marks) {
            names.add(keys.signal(shard, mark));
            arguments.add(bytes(mark));
        }
        for (String key : what.keys()) names.addAll(keys.ownKeys(key));
        return link.listLater(CacheScripts.INVALIDATE, names, arguments);
    }

    /** Stores a value that a change brought, if its fence is greater than that of the last one. */
    CompletableFuture<Void> refresh(String key, byte[] payload, long fence) {
        List<byte[]> arguments = arguments(
                CacheKeys.shard(key),
                "%016x".formatted(fence ^ Long.MIN_VALUE),
                Math.max(FENCE_MICROS, micros(settings.ttl())));
        arguments.add(payload);
        arguments.add(bytes(settings.ttl().toMillis()));
        arguments.add(bytes(micros(settings.ttl())));
        arguments.add(Announcement.of(Set.of(key), Set.of(), Set.of()).toJson());
        return all(List.of(link.listLater(CacheScripts.REFRESH, keys.entryKeys(key), arguments)));
    }

    /** Makes everything stale. */
    CompletableFuture<Void> flush() {
        List<CompletableFuture<?>> answers = new ArrayList<>();
        for (int shard = 0; shard < CacheKeys.SHARDS; shard++) {
            List<byte[]> names = new ArrayList<>(keys.shardKeys(shard));
            names.add(keys.signal(shard, "everything"));
            answers.add(link.listLater(CacheScripts.FLUSH, names, arguments(shard, micros(settings.grace()))));
        }
        return all(answers);
    }

    /** How many messages were published, by shard. */
    CompletableFuture<List<Said>> said() {
        List<CompletableFuture<Said>> answers = new ArrayList<>();
        for (int shard = 0; shard < CacheKeys.SHARDS; shard++)
            answers.add(link.listLater(CacheScripts.SAID, keys.shardKeys(shard), arguments(shard))
                    .thenApply(reply -> new Said(text(reply, 0), Long.parseLong(text(reply, 1)))));
        return all(answers)
                .thenApply(done -> answers.stream().map(CompletableFuture::join).toList());
    }

    /**
     * How far a shard's messages are.
     *
     * @param id of the shard's head; numbers begin at one under each
     * @param number of the last message
     */
    record Said(String id, long number) {}

    /** What is stored for a value. */
    static byte[] payload(Optional<byte[]> value) {
        byte[] content = value.orElseGet(() -> new byte[0]);
        byte[] payload = new byte[content.length + 1];
        payload[0] = value.isPresent() ? VALUE : NOTHING;
        System.arraycopy(content, 0, payload, 1, content.length);
        return payload;
    }

    /** The value that is stored; empty if what is known is that there is none. */
    static Optional<byte[]> content(ByteBuffer payload) {
        byte[] content = new byte[payload.remaining() - 1];
        payload.get(payload.position() + 1, content);
        return payload.get(payload.position()) == VALUE ? Optional.of(content) : Optional.empty();
    }

    private List<@Nullable Object> run(Script script, List<byte[]> names, List<byte[]> arguments) {
        try {
            return link.list(script, names, arguments);
        } catch (RedisAwayException | RedisCommandExecutionException e) {
            throw unavailable(e);
        }
    }

    private CompletableFuture<Void> all(List<? extends CompletableFuture<?>> answers) {
        return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .exceptionallyCompose(failure -> CompletableFuture.failedFuture(unavailable(failure)));
    }

    /** Waits for one of the answers above. */
    static void await(CompletableFuture<Void> answer) {
        try {
            answer.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof CacheUnavailableException unavailable) throw unavailable;
            throw e;
        }
    }

    /** Opens something on the link. */
    static <T> T reaching(String name, Supplier<T> work) {
        try {
            return work.get();
        } catch (RedisAwayException | RedisCommandExecutionException e) {
            throw new CacheUnavailableException("cache '%s': %s".formatted(name, e.getMessage()), e);
        }
    }

    private CacheUnavailableException unavailable(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        String refused = cause instanceof RedisCommandExecutionException ? "Redis refused: " : "";
        return new CacheUnavailableException(
                "cache '%s': %s%s".formatted(settings.name(), refused, cause.getMessage()), cause);
    }

    private List<byte[]> arguments(int shard, Object... more) {
        List<byte[]> arguments = new ArrayList<>();
        arguments.add(bytes(process + ":" + ids.incrementAndGet()));
        arguments.add(keys.channel());
        arguments.add(bytes(shard));
        for (Object argument : more) arguments.add(bytes(argument));
        return arguments;
    }

    private static long micros(Duration duration) {
        return duration.toNanos() / 1_000;
    }

    private static byte[] bytes(Object value) {
        return value.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static Object element(List<@Nullable Object> reply, int index) {
        Object element = reply.get(index);
        if (element == null) throw new IllegalStateException("a script answered with nothing at " + index);
        return element;
    }

    private static String text(List<@Nullable Object> reply, int index) {
        return new String((byte[]) element(reply, index), StandardCharsets.UTF_8);
    }

    private static long number(List<@Nullable Object> reply, int index) {
        return (Long) element(reply, index);
    }

    private static List<String> texts(List<@Nullable Object> reply, int index) {
        return ((List<?>) element(reply, index))
                .stream()
                        .map(it -> new String((byte[]) it, StandardCharsets.UTF_8))
                        .toList();
    }
}
