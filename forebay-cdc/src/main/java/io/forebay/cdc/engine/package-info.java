/** Changes from Debezium's engine inside this process, without Kafka. Needs {@code debezium-embedded} and a connector. */
@NullMarked
package io.forebay.cdc.engine;

import org.jspecify.annotations.NullMarked;
