package io.forebay.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.forebay.JournalWriteException;
import io.forebay.redis.internal.RedisAwayException;
import io.forebay.redis.internal.RedisLink;
import io.forebay.redis.internal.Script;
import io.forebay.spi.TransientSinkException;
import io.lettuce.core.RedisCommandExecutionException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Runs a buffer's scripts, and says in Forebay's errors why one could not be. Thread-safe. */
final class BufferSets {
    private final RedisLink link;
    private final String where;
    private final UUID journal;
    private final BufferKeys keys;
    private volatile @Nullable RedisAwayException away;

    /** A closed set as its partition lists it: {@code number:begun:bytes}. */
    record ClosedSet(String member) {
        long number() {
            return Long.parseLong(parts()[0]);
        }

        long begunMillis() {
            return Long.parseLong(parts()[1]);
        }

        private String[] parts() {
            return member.split(":");
        }
    }

    BufferSets(RedisLink link, String where, UUID journal, BufferKeys keys) {
        this.link = link;
        this.where = where;
        this.journal = journal;
        this.keys = keys;
    }

    BufferKeys keys() {
        return keys;
    }

    /** Why Redis could not be reached the last time it was asked anything; null if it could be. */
    @Nullable
    RedisAwayException away() {
        return away;
    }

    /** Runs one of the scripts that begin with {@link BufferScripts#CURRENT}, without waiting. */
    CompletableFuture<List<@Nullable Object>> run(
            Script script, int partition, long known, List<byte[]> moreKeys, List<byte[]> moreArguments) {
        List<byte[]> names = new ArrayList<>(keys.partition(partition));
        names.addAll(moreKeys);
        List<byte[]> arguments = new ArrayList<>();
        arguments.add(bytes(journal.toString()));
        arguments.add(bytes(known));
        arguments.addAll(moreArguments);
        return send(script, names, arguments).thenApply(this::requireOurs);
    }

    private List<@Nullable Object> requireOurs(List<@Nullable Object> reply) {
        if (tag(reply).equals("other"))
            throw new JournalWriteException(
                    "%s: the buffer in it was made anew as %s, and this process began with %s: start it again"
                            .formatted(where, text(reply.get(1)), journal),
                    null);
        return reply;
    }

    /** Runs any script, without waiting. */
    CompletableFuture<List<@Nullable Object>> send(Script script, List<byte[]> names, List<byte[]> arguments) {
        return link.listLater(script, names, arguments).handle((reply, failure) -> {
            if (failure != null) throw failure(failure);
            away = null;
            return reply;
        });
    }

    /** Waits for an answer. */
    static <T> T await(CompletableFuture<T> answer) {
        try {
            return answer.join(); // ends by itself, after the timeout of the settings
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException known) throw known;
            throw e;
        }
    }

    /** Runs any script and waits. */
    List<@Nullable Object> call(Script script, List<byte[]> names, List<byte[]> arguments) {
        return await(send(script, names, arguments));
    }

    /** Runs a script that returns a number and waits. */
    long number(Script script, byte[] key, List<byte[]> arguments) {
        return Objects.requireNonNull(reach(() -> link.number(script, List.of(key), arguments)));
    }

    /** Calls Redis. */
    <T> T reach(Supplier<T> call) {
        try {
            T answer = call.get();
            away = null;
            return answer;
        } catch (RedisAwayException | RedisCommandExecutionException e) {
            throw failure(e);
        }
    }

    private TransientSinkException failure(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof RedisAwayException gone) away = gone;
        String why = cause instanceof RedisCommandExecutionException
                ? where + " refuses: " + cause.getMessage()
                : String.valueOf(cause.getMessage());
        return new TransientSinkException(why, cause);
    }

    /** The closed sets above a number, lowest first. */
    static List<ClosedSet> closed(@Nullable Object list) {
        return ((List<?>) Objects.requireNonNull(list))
                .stream().map(member -> new ClosedSet(text(member))).toList();
    }

    static String tag(List<@Nullable Object> reply) {
        return text(reply.get(0));
    }

    static long number(List<@Nullable Object> reply, int at) {
        return (Long) Objects.requireNonNull(reply.get(at));
    }

    static String text(@Nullable Object bytes) {
        return new String((byte[]) Objects.requireNonNull(bytes), UTF_8);
    }

    static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    static byte[] bytes(long number) {
        return bytes(Long.toString(number));
    }

    /** Numbers as arguments. */
    static List<byte[]> numbers(long... numbers) {
        return Arrays.stream(numbers).mapToObj(BufferSets::bytes).toList();
    }
}
