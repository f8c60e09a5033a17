/**
 * A local key-value view of a Kafka topic. Begin with {@link io.forebay.kafka.cache.LogCache}; {@code docs/log-cache.md}
 * tells what it promises.
 */
@NullMarked
package io.forebay.kafka.cache;

import org.jspecify.annotations.NullMarked;
