/** Changes from topics that Kafka Connect fills, and dead letters in a topic. */
@NullMarked
package io.forebay.cdc.kafka;

import org.jspecify.annotations.NullMarked;
