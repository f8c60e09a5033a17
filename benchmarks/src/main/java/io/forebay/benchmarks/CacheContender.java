package io.forebay.benchmarks;

/** A cache whose reads are measured. It is opened once, by its class's constructor without parameters. Thread-safe. */
public interface CacheContender extends AutoCloseable {
    /** Connects to the Redis at the port, and puts the value under keys 0 to {@code keys} - 1. */
    void open(int redisPort, int keys, String value);

    /** The value under a key; it is there. */
    String get(int key);

    @Override
    void close();
}
