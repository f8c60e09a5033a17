package io.forebay.kafka;

import io.forebay.testservers.KafkaServer;

/** Drivers for tests. */
final class Drivers {
    private Drivers() {}

    /** Hears within a tenth of a second that partitions are shared out anew. */
    static KafkaDriver quick(KafkaServer server) {
        return KafkaDriver.at(server.bootstrapServers())
                .with("heartbeat.interval.ms", 100)
                .with("session.timeout.ms", 3_000)
                .with("reconnect.backoff.max.ms", 200);
    }
}
