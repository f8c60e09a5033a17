package io.forebay.cli.torture;

import io.forebay.kafka.KafkaDriver;
import io.forebay.redis.RedisDriver;
import io.forebay.redis.RedisSettings;
import io.forebay.spi.Driver;

/** What several processes may share a buffer through. */
enum SharedDriver {
    REDIS("redis://localhost:6379") {
        @Override
        Driver at(String address, String name) {
            return RedisDriver.at(RedisSettings.of(address).withPrefix(name + ":"));
        }
    },
    KAFKA("localhost:9092") {
        @Override
        Driver at(String address, String name) {
            return KafkaDriver.at(address).withPrefix(name + ".");
        }
    };

    private final String usualAddress;

    SharedDriver(String usualAddress) {
        this.usualAddress = usualAddress;
    }

    /** Where it is if nobody says. */
    String usualAddress() {
        return usualAddress;
    }

    /** @param name what keys and topics begin with */
    abstract Driver at(String address, String name);
}
