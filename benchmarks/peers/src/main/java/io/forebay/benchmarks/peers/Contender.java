package io.forebay.benchmarks.peers;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/** Who is measured, and with how many operations: the slow ones get fewer, so that a run ends. */
enum Contender {
    FOREBAY("Forebay, `SYNCED`", 1, ForebayPeer::new),
    DIRECT("no buffer: one row per transaction", 50, DirectPeer::new),
    HAND_WRITTEN("hand-written map and timer", 1, HandWrittenPeer::new),
    BUFFER_TRIGGER("buffer-trigger 0.2.19", 1, BufferTriggerPeer::new),
    EHCACHE("Ehcache 3.12.0", 1, EhcachePeer::new),
    INFINISPAN("Infinispan 16.1.4", 1, InfinispanPeer::new),
    HAZELCAST("Hazelcast 5.7.0", 5, HazelcastPeer::new),
    COHERENCE("Coherence CE 25.03.2", 5, CoherencePeer::new),
    REDISSON("Redisson 4.7.0, Redis 6.2.11", 20, RedissonPeer::new);

    /** Caches keep every audit row: room for all of them. */
    private static final List<String> HEAP = List.of("-Xms4g", "-Xmx4g");

    private static final List<String> HEAP_AND_ACCESS = List.of(
            "-Xms4g",
            "-Xmx4g",
            "--add-modules=java.se",
            "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED",
            "--add-opens=java.base/java.lang=ALL-UNNAMED",
            "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
            "--add-opens=java.management/sun.management=ALL-UNNAMED",
            "--add-opens=jdk.management/com.sun.management.internal=ALL-UNNAMED");

    private final String title;
    private final int divisor;
    private final Function<Setting, Peer> opener;

    Contender(String title, int divisor, Function<Setting, Peer> opener) {
        this.title = title;
        this.divisor = divisor;
        this.opener = opener;
    }

    /**
     * The contender of that name.
     *
     * @throws IllegalArgumentException if there is none; the message says who there is
     */
    static Contender of(String name) {
        return Arrays.stream(values())
                .filter(contender -> contender.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "'%s' is neither --quick nor one of %s".formatted(name, Arrays.toString(values()))));
    }

    String title() {
        return title;
    }

    /** How many operations it is given where the fast ones get {@code most}. */
    int operations(int most) {
        return most / divisor;
    }

    /** The heap, and what its documentation asks of the JVM. */
    List<String> jvmOptions() {
        return this == HAZELCAST ? HEAP_AND_ACCESS : HEAP;
    }

    Peer open(Setting setting) {
        return opener.apply(setting);
    }
}
