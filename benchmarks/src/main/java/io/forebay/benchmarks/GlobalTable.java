package io.forebay.benchmarks;

import java.nio.file.Path;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/** What comes nearest in Kafka's own library: a table of a topic, read whole by each instance. Its start ends when it is loaded. */
final class GlobalTable {
    private GlobalTable() {}

    static void load(String servers, String topic, KeyValueBytesStoreSupplier store, int records) {
        Path folder = Folders.create();
        StreamsBuilder builder = new StreamsBuilder();
        Materialized<String, byte[], KeyValueStore<Bytes, byte[]>> materialized = Materialized.<String, byte[]>as(store)
                .withKeySerde(Serdes.String())
                .withValueSerde(Serdes.ByteArray());
        builder.globalTable(topic, Consumed.with(Serdes.String(), Serdes.ByteArray()), materialized);
        try (KafkaStreams streams = new KafkaStreams(builder.build(), settings(servers, folder))) {
            streams.start();
            ReadOnlyKeyValueStore<String, byte[]> table = streams.store(
                    StoreQueryParameters.fromNameAndType(store.name(), QueryableStoreTypes.keyValueStore()));
            if (table.get(LogCacheChild.key(records - 1)) == null)
                throw new IllegalStateException("the table was not loaded when its start ended");
        }
        Folders.delete(folder);
    }

    private static Properties settings(String servers, Path folder) {
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "forebay-benchmark");
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, servers);
        settings.put(StreamsConfig.STATE_DIR_CONFIG, folder.toString());
        settings.put(StreamsConfig.mainConsumerPrefix("max.poll.records"), 5000);
        settings.put(StreamsConfig.globalConsumerPrefix("max.poll.records"), 5000);
        settings.put(StreamsConfig.globalConsumerPrefix("max.partition.fetch.bytes"), 4 << 20);
        return settings;
    }
}
