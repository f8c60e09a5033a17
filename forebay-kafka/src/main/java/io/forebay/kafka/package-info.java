/**
 * A Kafka topic as the journal that several processes share. Begin with {@link io.forebay.kafka.KafkaDriver};
 * {@code docs/kafka-driver.md} tells what it promises.
 */
@NullMarked
package io.forebay.kafka;

import org.jspecify.annotations.NullMarked;
