package io.forebay.state;

import io.forebay.ForebayClosedException;
import io.forebay.spi.JsonValue;
import io.forebay.spi.StateArguments;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A {@link SharedState} of one process: maps under one lock. Listeners are called after the lock is let go. */
final class MemoryState implements SharedState {
    private final ReentrantLock lock = new ReentrantLock();
    private final ExpiringMap<Held> keys; // guarded by lock
    private final ExpiringMap<Long> leases; // by name the holder's token; guarded by lock
    private final Map<String, List<Mailbox>> channels = new HashMap<>(); // guarded by lock
    private long lastToken; // guarded by lock
    private boolean closed; // guarded by lock

    MemoryState(LongSupplier nanoTime) {
        this.keys = new ExpiringMap<>(nanoTime);
        this.leases = new ExpiringMap<>(nanoTime);
    }

    @Override
    public void set(String key, Object value) {
        String name = StateArguments.name("key", key);
        Held held = new Held.Value(JsonValue.normal(value));
        change(() -> keys.put(name, held));
    }

    @Override
    public void set(String key, Object value, Duration ttl) {
        String name = StateArguments.name("key", key);
        Held held = new Held.Value(JsonValue.normal(value));
        long nanos = nanos(ttl);
        change(() -> keys.put(name, held, nanos));
    }

    @Override
    public Optional<Object> get(String key) {
        String name = StateArguments.name("key", key);
        return locked(
                () -> Optional.ofNullable(held(name, Held.Value.class, "get")).map(Held.Value::json));
    }

    @Override
    public boolean delete(String key) {
        String name = StateArguments.name("key", key);
        return locked(() -> keys.remove(name));
    }

    @Override
    public long incrementBy(String key, long amount) {
        String name = StateArguments.name("key", key);
        return locked(() -> count(name, "incrementBy", amount, Math::addExact));
    }

    @Override
    public long decrementBy(String key, long amount) {
        String name = StateArguments.name("key", key);
        StateArguments.decrement(name, amount);
        return locked(() -> count(name, "decrementBy", amount, Math::subtractExact));
    }

    @Override
    public void putFields(String key, Map<String, ?> fields) {
        String name = StateArguments.name("key", key);
        Map<String, Object> normal = StateArguments.fields(name, fields);
        change(() -> heldOrNew(name, Held.Hash.class, Held.Hash::new, "putFields")
                .fields()
                .putAll(normal));
    }

    @Override
    public Map<String, Object> fields(String key) {
        String name = StateArguments.name("key", key);
        return locked(() -> {
            Held.Hash hash = held(name, Held.Hash.class, "fields");
            return hash == null ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(hash.fields()));
        });
    }

    @Override
    public long append(String key, Object... values) {
        String name = StateArguments.name("key", key);
        List<Object> normal = StateArguments.values("append", name, values);
        return locked(() -> {
            List<Object> elements =
                    heldOrNew(name, Held.Items.class, Held.Items::new, "append").elements();
            elements.addAll(normal);
            return (long) elements.size();
        });
    }

    @Override
    public List<Object> range(String key, long from, long to) {
        String name = StateArguments.name("key", key);
        return locked(() -> {
            Held.Items items = held(name, Held.Items.class, "range");
            return items == null ? List.of() : part(items.elements(), from, to);
        });
    }

    @Override
    public long add(String key, Object... members) {
        String name = StateArguments.name("key", key);
        List<Object> normal = StateArguments.values("add", name, members);
        return locked(() -> {
            Set<Object> elements = heldOrNew(name, Held.Members.class, Held.Members::new, "add")
                    .elements();
            return normal.stream().filter(elements::add).count();
        });
    }

    @Override
    public Set<Object> members(String key) {
        String name = StateArguments.name("key", key);
        return locked(() -> {
            Held.Members held = held(name, Held.Members.class, "members");
            return held == null ? Set.of() : Set.copyOf(held.elements());
        });
    }

    @Override
    public long remove(String key, Object... members) {
        String name = StateArguments.name("key", key);
        List<Object> normal = StateArguments.values("remove", name, members);
        return locked(() -> {
            Held.Members held = held(name, Held.Members.class, "remove");
            if (held == null) return 0L;
            long removed = normal.stream().filter(held.elements()::remove).count();
            if (held.elements().isEmpty()) keys.remove(name);
            return removed;
        });
    }

    @Override
    public Optional<Lease> tryAcquire(String name, Duration ttl) {
        String checked = StateArguments.name("lease", name);
        long nanos = nanos(ttl);
        return locked(() -> {
            if (leases.get(checked) != null) return Optional.empty();
            long token = ++lastToken;
            leases.put(checked, token, nanos);
            return Optional.of(new MemoryLease(checked, token));
        });
    }

    @Override
    public Subscription subscribe(String channel, Consumer<Object> listener) {
        String name = StateArguments.name("channel", channel);
        Mailbox mailbox = new Mailbox(name, listener);
        change(() -> channels.computeIfAbsent(name, it -> new ArrayList<>()).add(mailbox));
        return () -> unsubscribe(name, mailbox);
    }

    @Override
    public void publish(String channel, Object message) {
        String name = StateArguments.name("channel", channel);
        Object normal = JsonValue.normal(message);
        List<Mailbox> mailboxes = locked(() -> {
            List<Mailbox> all = List.copyOf(channels.getOrDefault(name, List.of()));
            all.forEach(mailbox -> mailbox.put(normal)); // on the lock, so that all hear one order
            return all;
        });
        mailboxes.forEach(Mailbox::empty);
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            channels.values().forEach(mailboxes -> mailboxes.forEach(Mailbox::close));
            channels.clear();
        } finally {
            lock.unlock();
        }
    }

    /** Keys and leases that are kept, for tests. */
    int kept() {
        return locked(() -> keys.size() + leases.size());
    }

    private void change(Runnable work) {
        locked(() -> {
            work.run();
            return true;
        });
    }

    private <T> T locked(Supplier<T> work) {
        lock.lock();
        try {
            if (closed) throw new ForebayClosedException("this shared state is closed", null);
            keys.sweep();
            leases.sweep();
            return work.get();
        } finally {
            lock.unlock();
        }
    }

    private void unsubscribe(String channel, Mailbox mailbox) {
        mailbox.close();
        lock.lock();
        try {
            channels.computeIfPresent(channel, (name, all) -> {
                all.remove(mailbox);
                return all.isEmpty() ? null : all;
            });
        } finally {
            lock.unlock();
        }
    }

    private <H extends Held> @Nullable H held(String key, Class<H> kind, String asked) {
        Held held = keys.get(key);
        if (held == null) return null;
        if (!kind.isInstance(held)) throw SharedStateException.wrongKind(key, held.kind(), asked);
        return kind.cast(held);
    }

    private <H extends Held> H heldOrNew(String key, Class<H> kind, Supplier<H> making, String asked) {
        H held = held(key, kind, asked);
        if (held != null) return held;
        H made = making.get();
        keys.put(key, made);
        return made;
    }

    /** Two whole numbers to one, or an {@link ArithmeticException}. */
    private interface Counting {
        long count(long value, long amount);
    }

    private long count(String key, String asked, long amount, Counting counting) {
        Held.Value held = held(key, Held.Value.class, asked);
        Object value = held == null ? 0L : held.json();
        if (!(value instanceof Long number)) throw SharedStateException.noCounter(key, asked);
        try {
            long result = counting.count(number, amount);
            keys.replace(key, new Held.Value(result));
            return result;
        } catch (ArithmeticException e) {
            throw SharedStateException.overflow(key, asked, amount);
        }
    }

    private static List<Object> part(List<Object> elements, long from, long to) {
        int size = elements.size();
        long first = Math.max(0, from < 0 ? from + size : from);
        long last = Math.min(size - 1, to < 0 ? to + size : to);
        return first > last ? List.of() : List.copyOf(elements.subList((int) first, (int) last + 1));
    }

    private static long nanos(Duration ttl) {
        return TimeUnit.MILLISECONDS.toNanos(StateArguments.ttlMillis(ttl));
    }

    private final class MemoryLease implements Lease {
        private final String name;
        private final long token;

        MemoryLease(String name, long token) {
            this.name = name;
            this.token = token;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public long token() {
            return token;
        }

        @Override
        public boolean renew(Duration ttl) {
            long nanos = nanos(ttl);
            return locked(() -> {
                if (!isHeld()) return false;
                leases.put(name, token, nanos);
                return true;
            });
        }

        @Override
        public boolean release() {
            return locked(() -> isHeld() && leases.remove(name));
        }

        private boolean isHeld() {
            Long holder = leases.get(name);
            return holder != null && holder == token;
        }
    }
}
