package io.forebay.internal.codec;

import io.forebay.spi.Bytes;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One value as a tag and its bytes. The tags are part of the journal format. */
public final class ValueCodec {
    private static final int NULL = 0;
    private static final int LONG = 1;
    private static final int DECIMAL = 2;
    private static final int DOUBLE = 3;
    private static final int FALSE = 4;
    private static final int TRUE = 5;
    private static final int STRING = 6;
    private static final int BYTES = 7;
    private static final int DATE = 8;
    private static final int TIME = 9;
    private static final int TIMESTAMP = 10;
    private static final int MOMENT = 11;
    private static final int UUID_TAG = 12;

    private ValueCodec() {}

    static void write(ByteWriter out, @Nullable Object value) {
        if (value == null) {
            out.writeByte(NULL);
        } else if (value instanceof Long number) {
            out.writeByte(LONG);
            out.writeSigned(number);
        } else if (value instanceof String text) {
            out.writeByte(STRING);
            out.writeString(text);
        } else if (value instanceof Instant moment) {
            out.writeByte(MOMENT);
            out.writeSigned(moment.getEpochSecond());
            out.writeUnsigned(moment.getNano());
        } else if (value instanceof BigDecimal decimal) {
            out.writeByte(DECIMAL);
            out.writeSigned(decimal.scale());
            out.writeBytes(decimal.unscaledValue().toByteArray());
        } else if (value instanceof Double number) {
            out.writeByte(DOUBLE);
            out.writeFixedLong(Double.doubleToRawLongBits(number));
        } else if (value instanceof Boolean truth) {
            out.writeByte(truth ? TRUE : FALSE);
        } else if (value instanceof Bytes bytes) {
            out.writeByte(BYTES);
            out.writeBytes(bytes.toArray());
        } else if (value instanceof LocalDate date) {
            out.writeByte(DATE);
            out.writeSigned(date.toEpochDay());
        } else if (value instanceof LocalTime time) {
            out.writeByte(TIME);
            out.writeUnsigned(time.toNanoOfDay());
        } else if (value instanceof LocalDateTime timestamp) {
            out.writeByte(TIMESTAMP);
            out.writeSigned(timestamp.toEpochSecond(ZoneOffset.UTC));
            out.writeUnsigned(timestamp.getNano());
        } else if (value instanceof UUID uuid) {
            out.writeByte(UUID_TAG);
            out.writeUuid(uuid);
        } else {
            throw new IllegalArgumentException(
                    "a value of class " + value.getClass().getName() + " has no journal form");
        }
    }

    static @Nullable Object read(ByteReader in) {
        int tag = in.readByte();
        return switch (tag) {
            case NULL -> null;
            case LONG -> in.readSigned();
            case DECIMAL -> {
                int scale = Math.toIntExact(in.readSigned());
                yield new BigDecimal(new BigInteger(in.readBytes()), scale);
            }
            case DOUBLE -> Double.longBitsToDouble(in.readFixedLong());
            case FALSE -> false;
            case TRUE -> true;
            case STRING -> in.readString();
            case BYTES -> Bytes.copyOf(in.readBytes());
            case DATE -> LocalDate.ofEpochDay(in.readSigned());
            case TIME -> LocalTime.ofNanoOfDay(in.readUnsigned());
            case TIMESTAMP -> LocalDateTime.ofEpochSecond(in.readSigned(), in.readInt(), ZoneOffset.UTC);
            case MOMENT -> Instant.ofEpochSecond(in.readSigned(), in.readUnsigned());
            case UUID_TAG -> in.readUuid();
            default -> throw new CodecException("unknown value tag " + tag, null);
        };
    }
}
