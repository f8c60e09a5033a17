package io.forebay.benchmarks;

import io.forebay.kafka.KafkaDriver;
import io.forebay.redis.RedisDriver;
import io.forebay.redis.RedisSettings;
import io.forebay.spi.Driver;

/** Where a shared buffer stands. */
enum SharedServer {
    REDIS("redis driver") {
        @Override
        Driver driver(String address) {
            return RedisDriver.at(RedisSettings.of(address));
        }
    },
    KAFKA("kafka driver") {
        @Override
        Driver driver(String address) {
            return KafkaDriver.at(address);
        }
    };

    private final String title;

    SharedServer(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }

    abstract Driver driver(String address);
}
