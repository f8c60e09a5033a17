package io.forebay.state;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Keys that hold values, counters, hashes, lists or sets; leases; and channels. In memory, for one process, it is
 * {@link #inMemory}; on Redis, for several, it is {@code RedisState} of {@code forebay-redis}. Both do the same. Each call
 * is atomic, and is over when it returns. Thread-safe.
 *
 * <p><b>Values</b> are those of JSON: {@code String}, {@code Boolean}, numbers, {@code List}, and {@code Map} with keys of
 * type {@code String}; {@code null} only within a list or a map. What is given is copied; what comes back is immutable and
 * in one form: whole numbers of 64 bits are {@code Long}, whatever their type was ({@code 2.0} too), all others
 * {@code BigDecimal} without trailing zeros; maps are sorted by key. At most 16 Mi characters, 100 levels.
 *
 * <p><b>Keys</b>, and names of fields, leases and channels, are texts of at most 10,000 characters; the empty one is
 * allowed. Keys, leases and channels of one name have nothing to do with each other. A key exists as long as there is
 * something in it: hash, list or set without an element is gone.
 *
 * <p>Every method throws {@link IllegalArgumentException} for arguments that are wrong in themselves,
 * {@link SharedStateException} if the key holds something else than the method needs, {@link StateUnavailableException} if
 * the state cannot be reached, and {@link io.forebay.ForebayClosedException} after {@link #close}.
 */
public interface SharedState extends AutoCloseable {
    /** A new, empty state of this process. It has no thread; keys that have expired go with later calls. */
    static SharedState inMemory() {
        return new MemoryState(System::nanoTime);
    }

    /** Makes the key hold the value and nothing else, whatever it held, for ever. */
    void set(String key, Object value);

    /**
     * The same for a time, after which the key is gone. Adding to a counter keeps that time; another {@code set} ends it.
     *
     * @param ttl 1 ms to 36,500 days; parts of a millisecond are cut off
     */
    void set(String key, Object value, Duration ttl);

    /** The value, empty if there is no such key. */
    Optional<Object> get(String key);

    /** Removes the key, whatever it holds; returns whether there was one. */
    boolean delete(String key);

    /**
     * Adds to the whole number that the key holds, 0 if there is no such key.
     *
     * @return the sum
     * @throws SharedStateException also if the value is no whole number of 64 bits, or the sum would be none; the value
     *     stays as it was
     */
    long incrementBy(String key, long amount);

    /**
     * Takes away from the whole number that the key holds, 0 if there is no such key.
     *
     * @param amount anything but {@link Long#MIN_VALUE}
     * @return the difference
     * @throws SharedStateException as {@link #incrementBy}
     */
    long decrementBy(String key, long amount);

    /** Sets these fields of a hash, one or more; its other fields stay. */
    void putFields(String key, Map<String, ?> fields);

    /** A copy of all fields of a hash, sorted by name; empty if there is no such key. */
    Map<String, Object> fields(String key);

    /** Puts values, one or more, at the end of a list, in this order and together; returns its length then. */
    long append(String key, Object... values);

    /**
     * A part of a list, the ends included: 0 is the first element, -1 the last one, -2 the one before. What lies outside of
     * the list is left out; {@code range(key, 0, -1)} is all of it. Empty if there is no such key.
     */
    List<Object> range(String key, long from, long to);

    /** Puts values, one or more, into a set; returns how many it did not have before. */
    long add(String key, Object... members);

    /** A copy of a set, in no order; empty if there is no such key. */
    Set<Object> members(String key);

    /** Removes values, one or more, from a set; returns how many it had. */
    long remove(String key, Object... members);

    /**
     * Takes a lease if nobody has it. It ends when it is released, or when its time is over; its holder cannot know the
     * latter in time, so what it protects must refuse a token that is lower than one it has seen.
     *
     * @param ttl 1 ms to 36,500 days; parts of a millisecond are cut off
     * @return the lease, empty if someone else, or this caller already, has it
     */
    Optional<Lease> tryAcquire(String name, Duration ttl);

    /**
     * Has the listener called for each message that is published to the channel after this call, until the subscription is
     * closed. Each listener is called by one thread at a time, in the order of publishing, and not on a lock: it may call
     * this state. What it throws is logged and harms nobody.
     *
     * <p>Messages are handed over at most once: a listener that is more than 10,000 messages behind, or a connection that
     * is lost for a time, misses some; the first is logged. In memory the listener runs on a thread that publishes, so it
     * should be quick.
     */
    Subscription subscribe(String channel, Consumer<Object> listener);

    /** Sends a message to all who have subscribed to the channel, and does not wait for those of other processes. */
    void publish(String channel, Object message);

    /**
     * Ends all subscriptions made here, and the connections. What is stored stays, but for a state in memory; leases stay
     * until their time is over. Calling it again does nothing.
     */
    @Override
    void close();
}
