package io.forebay.kafka;

import io.forebay.ForebayException;
import io.forebay.codec.PendingCodec;
import io.forebay.spi.MismatchException;
import io.forebay.spi.SharedWindow;
import java.nio.ByteBuffer;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

/**
 * What the header of a record of the topic says; {@code docs/kafka-driver.md} describes its bytes.
 *
 * @param writer who wrote it
 * @param number the window's number among those of the writer in the partition; 0 if it is no window
 */
record Entry(Kind kind, UUID writer, long number) {
    static final String HEADER = "forebay";
    private static final byte VERSION = 1;
    private static final int LENGTH = 26;
    private static final byte[] NOTHING = {};

    /** What a record is for. */
    enum Kind {
        /** Holds writes. */
        WINDOW(1),
        /** Once it is in, no earlier record of its producer can still arrive. */
        BARRIER(2),
        /** Asks for a flush of what stands before it. */
        ASK(3);

        private final byte code;

        Kind(int code) {
            this.code = (byte) code;
        }
    }

    static ProducerRecord<byte[], byte[]> window(
            TopicPartition partition, UUID writer, long number, SharedWindow content) {
        return record(partition, new Entry(Kind.WINDOW, writer, number), PendingCodec.encodeWindow(content));
    }

    static ProducerRecord<byte[], byte[]> sign(TopicPartition partition, Kind kind, UUID writer) {
        return record(partition, new Entry(kind, writer, 0), NOTHING);
    }

    private static ProducerRecord<byte[], byte[]> record(TopicPartition partition, Entry entry, byte[] value) {
        byte[] header = ByteBuffer.allocate(LENGTH)
                .put(VERSION)
                .put(entry.kind.code)
                .putLong(entry.writer.getMostSignificantBits())
                .putLong(entry.writer.getLeastSignificantBits())
                .putLong(entry.number)
                .array();
        ProducerRecord<byte[], byte[]> record =
                new ProducerRecord<>(partition.topic(), partition.partition(), null, value);
        record.headers().add(new RecordHeader(HEADER, header));
        return record;
    }

    /**
     * The entry of a record; null if it is not Forebay's.
     *
     * @throws MismatchException if it is of a version that is not known here
     */
    static @Nullable Entry of(ConsumerRecord<byte[], byte[]> record) {
        Header header = record.headers().lastHeader(HEADER);
        if (header == null) return null;
        ByteBuffer bytes = ByteBuffer.wrap(header.value());
        if (bytes.remaining() != LENGTH || bytes.get() != VERSION) throw unknown(record);
        Kind kind = kind(bytes.get(), record);
        return new Entry(kind, new UUID(bytes.getLong(), bytes.getLong()), bytes.getLong());
    }

    private static Kind kind(byte code, ConsumerRecord<byte[], byte[]> record) {
        for (Kind kind : Kind.values()) if (kind.code == code) return kind;
        throw unknown(record);
    }

    private static MismatchException unknown(ConsumerRecord<byte[], byte[]> record) {
        return new MismatchException(
                "offset %d of %s-%d was written by a newer version of Forebay, or is damaged: known is version %d"
                        .formatted(record.offset(), record.topic(), record.partition(), VERSION),
                null);
    }

    boolean isWindow() {
        return kind == Kind.WINDOW;
    }

    /**
     * The writes of a window.
     *
     * @throws MismatchException if they cannot be read
     */
    static SharedWindow content(ConsumerRecord<byte[], byte[]> record) {
        try {
            return PendingCodec.decodeWindow(record.value());
        } catch (ForebayException e) {
            throw new MismatchException(
                    "offset %d of %s-%d cannot be read: %s"
                            .formatted(record.offset(), record.topic(), record.partition(), e.getMessage()),
                    e);
        }
    }
}
