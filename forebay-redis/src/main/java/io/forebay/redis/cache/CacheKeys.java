package io.forebay.redis.cache;

import io.forebay.redis.internal.RedisLink;
import io.forebay.spi.StateArguments;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The names of a cache's keys in Redis. It has a fixed number of shards, each with one hash tag: what a script needs is in one
 * slot, and in a cluster the shards are spread over the nodes.
 */
final class CacheKeys {
    static final int SHARDS = 16;
    static final String VALUE = "value:";
    static final String TAG_SIGNAL = "signal:t:";
    static final String PREFIX_SIGNAL = "signal:p:";
    private static final char SEPARATOR = ':';

    private final RedisLink link;
    private final String name;

    CacheKeys(RedisLink link, String name) {
        this.link = link;
        this.name = name;
    }

    /** @throws IllegalArgumentException if it is empty, too long, or no text that UTF-8 can hold */
    static String checked(String what, String text) {
        if (text.isEmpty()) throw new IllegalArgumentException("a " + what + " must not be empty");
        return StateArguments.name(what, text);
    }

    static int shard(String key) {
        int hash = key.hashCode();
        return Math.floorMod(hash ^ hash >>> 16, SHARDS);
    }

    /** A list for each shard. */
    static List<List<String>> byShard(Collection<String> keys) {
        List<List<String>> shards = new ArrayList<>();
        for (int shard = 0; shard < SHARDS; shard++) shards.add(new ArrayList<>());
        keys.forEach(key -> shards.get(shard(key)).add(key));
        return shards;
    }

    /** Prefixes of a key that can be invalidated: those that end with a colon. */
    static List<String> prefixes(String key) {
        List<String> prefixes = new ArrayList<>();
        for (int end = key.indexOf(SEPARATOR); end >= 0; end = key.indexOf(SEPARATOR, end + 1))
            prefixes.add(key.substring(0, end + 1));
        return prefixes;
    }

    /** The prefixes that stand for these: each up to its last colon. Empty text stands for everything. */
    static Set<String> widened(Collection<String> prefixes) {
        Set<String> widened = new TreeSet<>();
        for (String prefix : prefixes) widened.add(prefix.substring(0, prefix.lastIndexOf(SEPARATOR) + 1));
        return widened;
    }

    /** What a script begins with: the shard's head, marks, and keys that are quiet. */
    List<byte[]> shardKeys(int shard) {
        return List.of(of(shard, "head"), of(shard, "marks"), of(shard, "quiet"));
    }

    /** The same with value and guard of a key. */
    List<byte[]> entryKeys(String key) {
        int shard = shard(key);
        List<byte[]> keys = new ArrayList<>(shardKeys(shard));
        keys.addAll(ownKeys(key));
        return keys;
    }

    /** Value and guard of a key. */
    List<byte[]> ownKeys(String key) {
        int shard = shard(key);
        return List.of(of(shard, VALUE + key), of(shard, "guard:" + key));
    }

    /** A key that is written and deleted for those who track keys. */
    byte[] signal(int shard, String mark) {
        return of(shard, "signal:" + mark);
    }

    /** How the keys begin that tell of changes to those who track them. */
    List<String> trackedPrefixes() {
        List<String> prefixes = new ArrayList<>();
        for (int shard = 0; shard < SHARDS; shard++)
            for (String kind : List.of(VALUE, "signal:"))
                prefixes.add(new String(of(shard, kind), StandardCharsets.UTF_8));
        return prefixes;
    }

    /** What follows the hash tag in a key's name. */
    static String afterShard(String name) {
        return name.substring(name.indexOf("}:") + 2);
    }

    byte[] channel() {
        return link.key("cache:" + name + ":invalidations");
    }

    private byte[] of(int shard, String rest) {
        return link.key("{cache:" + name + ":" + shard + "}:" + rest);
    }
}
