package io.forebay.kafka.cache;

import java.nio.file.Path;

class MemoryLogCacheTest extends LogCacheContract {
    @Override
    CacheStore store(Path directory) {
        return CacheStore.memory();
    }
}
