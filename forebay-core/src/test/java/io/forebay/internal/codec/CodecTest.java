package io.forebay.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.forebay.MissingRow;
import io.forebay.codec.MutationCodec;
import io.forebay.codec.PendingCodec;
import io.forebay.internal.mutation.Columns;
import io.forebay.spi.Bytes;
import io.forebay.spi.Column;
import io.forebay.spi.Column.Absent;
import io.forebay.spi.ColumnChange;
import io.forebay.spi.ColumnType;
import io.forebay.spi.DocumentAlgebras;
import io.forebay.spi.PendingAppend;
import io.forebay.spi.PendingRow;
import io.forebay.spi.RowKey;
import io.forebay.spi.Stage;
import io.forebay.spi.TableDefinition;
import io.forebay.spi.TableInfo;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written is read again; what was not written is refused with one exception. docs/journal-format.md. */
class CodecTest {
    private static final UUID ID = new UUID(0x0123456789abcdefL, 0xfedcba9876543210L);

    // ---- values

    private static final List<Object> EDGES = List.of(
            0L,
            -1L,
            63L,
            64L,
            Long.MAX_VALUE,
            Long.MIN_VALUE,
            BigDecimal.ZERO,
            new BigDecimal("0.00"),
            new BigDecimal("-12345678901234567890.123456789"),
            new BigDecimal(BigInteger.TEN, -40),
            0.0,
            -0.0,
            Double.MIN_VALUE,
            Double.MAX_VALUE,
            Math.PI,
            true,
            false,
            "",
            "path",
            "zero \0, two bytes é, three €, four \uD83D\uDE00",
            "x".repeat(10_000),
            Bytes.copyOf(new byte[0]),
            Bytes.copyOf(new byte[] {0, -1, 127, -128}),
            LocalDate.of(1, 1, 1),
            LocalDate.EPOCH,
            LocalDate.of(9999, 12, 31),
            LocalTime.MIDNIGHT,
            LocalTime.MAX,
            LocalDateTime.of(1, 1, 1, 0, 0),
            LocalDateTime.of(1969, 12, 31, 23, 59, 59, 999_999_999),
            LocalDateTime.of(9999, 12, 31, 23, 59, 59, 1_000),
            ColumnType.MIN_MOMENT,
            ColumnType.MAX_MOMENT,
            Instant.EPOCH.minusNanos(1),
            new UUID(0, 0),
            ID);

    static List<Object> edgesOfEveryType() {
        return EDGES;
    }

    @ParameterizedTest
    @MethodSource("edgesOfEveryType")
    void a_value_comes_back_as_it_went(Object value) {
        assertThat(valueAfter(value)).isEqualTo(value).hasSameClassAs(value);
    }

    @Test
    void null_comes_back() {
        assertThat(valueAfter(null)).isNull();
    }

    @Test
    void a_value_of_another_class_is_refused_by_name() {
        assertThatThrownBy(() -> valueAfter(new StringBuilder()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("java.lang.StringBuilder");
    }

    private static Object valueAfter(Object value) {
        ByteWriter out = new ByteWriter();
        ValueCodec.write(out, value);
        ByteReader in = new ByteReader(out.view());
        Object read = ValueCodec.read(in);
        assertThat(in.hasMore()).isFalse();
        return read;
    }

    @Test
    void numbers_of_any_length_come_back() {
        for (long seed = 0; seed < 2_000; seed++) {
            long number = new Random(seed).nextLong() >>> seed % 64;
            ByteWriter out = new ByteWriter();
            out.writeUnsigned(number);
            out.writeSigned(-number);
            out.writeFixedLong(number);
            ByteReader in = new ByteReader(out.view());

            assertThat(in.readUnsigned()).as("seed %d", seed).isEqualTo(number);
            assertThat(in.readSigned()).as("seed %d", seed).isEqualTo(-number);
            assertThat(in.readFixedLong()).as("seed %d", seed).isEqualTo(number);
        }
    }

    @Test
    void a_name_is_written_once() {
        ByteWriter out = new ByteWriter();
        out.writeName("a long name of a table");
        int first = out.size();
        out.writeName("a long name of a table");
        out.writeName("another");
        ByteReader in = new ByteReader(out.view());

        assertThat(out.size() - first).isEqualTo(1 + 1 + 1 + "another".length());
        assertThat(List.of(in.readName(), in.readName(), in.readName()))
                .containsExactly("a long name of a table", "a long name of a table", "another");
    }

    @Test
    void a_writer_that_was_reset_forgets_its_names() {
        ByteWriter out = new ByteWriter();
        out.writeName("a");
        out.reset();
        out.writeName("b");

        assertThat(new ByteReader(out.view()).readName()).isEqualTo("b");
    }

    // ---- records

    @Test
    void random_records_come_back_as_they_went() {
        for (long seed = 0; seed < 2_000; seed++) {
            List<Object> written = new ArrayList<>();
            byte[] body = randomBody(new Random(seed), written, new ArrayList<>());

            assertThat(read(body)).as("seed %d", seed).isEqualTo(written);
        }
    }

    /** Never another exception, and never a record that was not written. */
    @Test
    void a_body_cut_anywhere_is_refused_unless_a_record_ends_there() {
        for (long seed = 0; seed < 60; seed++) {
            List<Object> written = new ArrayList<>();
            List<Integer> ends = new ArrayList<>();
            byte[] body = randomBody(new Random(seed), written, ends);
            for (int length = 0; length < body.length; length++) {
                byte[] cut = Arrays.copyOf(body, length);
                String where = "seed %d cut at %d of %d".formatted(seed, length, body.length);
                if (ends.contains(length)) {
                    assertThat(read(cut)).as(where).isEqualTo(written.subList(0, ends.indexOf(length)));
                } else {
                    assertThatThrownBy(() -> read(cut)).as(where).isInstanceOf(CodecException.class);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"00", "08", "7f", "ff"})
    void an_unknown_record_is_refused_by_its_tag(String hex) {
        byte[] body = HexFormat.of().parseHex(hex);

        assertThatThrownBy(() -> read(body))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("record tag " + body[0]);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0d", "7f", "ff"})
    void an_unknown_value_is_refused_by_its_tag(String hex) {
        byte[] body = HexFormat.of().parseHex(hex);

        assertThatThrownBy(() -> ValueCodec.read(new ByteReader(ByteBuffer.wrap(body))))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("value tag " + body[0]);
    }

    @ParameterizedTest
    @ValueSource(strings = {"00", "06", "10", "3f"})
    void an_unknown_stage_is_refused_by_its_code(String hex) {
        byte[] body = HexFormat.of().parseHex(hex + "00");

        assertThatThrownBy(() -> RowCodec.readStage(new ByteReader(ByteBuffer.wrap(body))))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("stage code " + body[0]);
    }

    /** 17 to 63 are kept for documents: a version that does not know them must say so. */
    @ParameterizedTest
    @ValueSource(strings = {"00", "05", "11", "3f"})
    void an_unknown_change_is_refused_by_its_code(String hex) {
        byte[] body = HexFormat.of().parseHex("01" + "01" + "000161" + hex + "0102");

        assertThatThrownBy(() -> RowCodec.readStage(new ByteReader(ByteBuffer.wrap(body))))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("change code " + body[5]);
    }

    @Test
    void an_unknown_column_type_is_refused_by_its_code() {
        byte[] body = HexFormat.of().parseHex("000174" + "00" + "01" + "010161" + "10");

        assertThatThrownBy(() -> TableCodec.read(new ByteReader(ByteBuffer.wrap(body))))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("column type code 16");
    }

    @Test
    void a_name_that_was_never_defined_is_refused() {
        assertThatThrownBy(() -> new ByteReader(ByteBuffer.wrap(new byte[] {1})).readName())
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("name 1");
    }

    @Test
    void a_count_beyond_the_bytes_that_are_left_is_refused() {
        for (String hex : List.of("05", "ffffffff0f", "ffffffffffffffffff01"))
            assertThatThrownBy(
                            () -> new ByteReader(ByteBuffer.wrap(HexFormat.of().parseHex(hex))).readBytes())
                    .as(hex)
                    .isInstanceOf(CodecException.class);
    }

    @Test
    void a_number_that_never_ends_is_refused() {
        byte[] endless = new byte[11];
        Arrays.fill(endless, (byte) 0x80);

        assertThatThrownBy(() -> new ByteReader(ByteBuffer.wrap(endless)).readUnsigned())
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("64 bits");
    }

    // ---- format version 1

    /** If this test fails, journals that exist cannot be read any more: the format needs a new version. */
    @Test
    void the_bytes_of_version_1_stay_what_they_are() {
        RecordWriter out = new RecordWriter();
        out.table(definition());
        Map<String, ColumnChange> changes = new LinkedHashMap<>();
        changes.put("a", new ColumnChange.Add(-3L));
        changes.put("b", new ColumnChange.Max(Instant.ofEpochSecond(1, 2)));
        changes.put("c", new ColumnChange.Min(new BigDecimal("1.50")));
        changes.put("d", new ColumnChange.Set(null));
        List<Stage> stages = List.of(
                new Stage(Stage.Kind.DELETE, Columns.empty()), new Stage(Stage.Kind.UPSERT, Columns.copyOf(changes)));
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("a", 300L);
        values.put("b", "hé");
        values.put("c", 1.5);
        values.put("d", true);
        values.put("e", Bytes.copyOf(new byte[] {1, 2}));
        values.put("f", LocalDate.EPOCH.plusDays(1));
        values.put("g", LocalTime.ofNanoOfDay(5));
        values.put("h", LocalDateTime.of(1970, 1, 1, 0, 0, 2, 7));
        values.put("i", ID);
        out.window(
                3,
                200,
                1,
                rows -> rows.accept(RowKey.of("t", List.of("k")), stages),
                List.of(new PendingAppend("t", Columns.<Object>copyOf(values))));
        out.source("log", "17");
        out.seal(new Seal(3, 199, 200, ID));
        out.partition(3, 200, 199, ID);
        out.partition(4, 0, 0, null);

        assertThat(HexFormat.of().formatHex(bytes(out.body()))).isEqualTo(VERSION_1);
        assertThat(read(HexFormat.of().parseHex(VERSION_1))).hasSize(6);
    }

    private static final String VERSION_1 =
            "010001740101026330120101ffffffffffffffffff01feffffffffffffffff010100020263310100fe03000103"
                    + "026332020000010204026333021404000005026334020405010106026335030100020702633603000100080263"
                    + "3704000109026338050000010a0001020b026339051401000c10636173652d696e73656e73697469766500000d"
                    + "03633130061001010e036331310700020f036331320806010010036331330900000111036331340a0901021203"
                    + "6331350b000013036331360c010114036331370d150867656f6d65747279000201160175010117016700010203"
                    + "c80101000106016b0204000204180161020105190162030b02021a01630402040200961b016401000100091801"
                    + "d80419060368c3a91a033ff80000000000001b051c0165070201021d016608021709051e01680a04071f01690c"
                    + "0123456789abcdeffedcba98765432100320036c6f670231370403c701c8010123456789abcdeffedcba987654"
                    + "32100503c801c701010123456789abcdeffedcba98765432100504000000";

    @Test
    void the_codes_of_version_1_stay_what_they_are() {
        assertThat(Arrays.stream(Stage.Kind.values()).map(kind -> kind.name() + kind.code()))
                .containsExactly("UPDATE1", "UPSERT2", "INSERT3", "DELETE4", "REPLACE5");
        assertThat(MissingRow.values()).containsExactly(MissingRow.DEAD_LETTER, MissingRow.INSERT, MissingRow.IGNORE);
        assertThat(Absent.values()).containsExactly(Absent.NULL, Absent.ZERO, Absent.DATABASE);
    }

    @Test
    void the_bytes_of_documents_stay_what_they_are() {
        RecordWriter out = new RecordWriter();
        TableInfo pages = TableInfo.collection("p", "bson");
        out.table(new TableDefinition(pages, MissingRow.IGNORE, null, null, false));
        ColumnChange operations = new ColumnChange.Operations(Bytes.copyOf(new byte[] {1, 2}));
        List<Stage> stages = List.of(new Stage(Stage.Kind.UPSERT, Columns.of(TableInfo.DOCUMENT, operations)));
        out.window(
                0, 1, 1, rows -> rows.accept(RowKey.of("p", List.of(Bytes.copyOf(new byte[] {9}))), stages), List.of());
        String bytes = "01000170010103" + "5f6964" + "0201" + "0f0204" + "62736f6e" + "0002" + "0308"
                + "646f63756d656e74" + "0e020000" + "00020000000200010100010701090102010310070201020" + "0";

        assertThat(HexFormat.of().formatHex(bytes(out.body()))).isEqualTo(bytes);
        assertThat(read(HexFormat.of().parseHex(bytes))).hasSize(2);
    }

    /** A journal is inspected where nobody knows its documents, too. */
    @Test
    void a_collection_is_read_without_its_algebra() {
        TableDefinition pages =
                new TableDefinition(TableInfo.collection("p", "unknown"), MissingRow.DEAD_LETTER, null, null, false);

        assertThat(PendingCodec.decodeTable(PendingCodec.encodeTable(pages))).isEqualTo(pages);
        assertThatThrownBy(() -> DocumentAlgebras.named("unknown"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("unknown", "forebay-mongodb");
    }

    // ---- single mutations

    @Test
    void a_mutation_for_elsewhere_comes_back_as_it_went() {
        for (long seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            MutationCodec.Mutation mutation =
                    new MutationCodec.Mutation("t", random.nextBoolean() ? key(random) : null, stage(random));

            Bytes bytes = MutationCodec.encode(mutation);

            assertThat(MutationCodec.decode(bytes)).as("seed %d", seed).isEqualTo(mutation);
            for (int length = 0; length < bytes.size(); length++) {
                Bytes cut = Bytes.copyOf(Arrays.copyOf(bytes.toArray(), length));
                assertThatThrownBy(() -> MutationCodec.decode(cut))
                        .as("seed %d cut at %d", seed, length)
                        .isInstanceOf(CodecException.class);
            }
        }
    }

    @Test
    void a_mutation_of_a_later_version_is_refused_by_its_number() {
        assertThatThrownBy(() -> MutationCodec.decode(Bytes.copyOf(new byte[] {2, 0})))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("version 2");
    }

    // ---- random records

    private static byte[] randomBody(Random random, List<Object> written, List<Integer> ends) {
        RecordWriter out = new RecordWriter();
        ends.add(0);
        for (int i = 1 + random.nextInt(5); i > 0; i--) {
            written.add(writeRandom(random, out));
            ends.add(out.body().remaining());
        }
        return bytes(out.body());
    }

    private static Object writeRandom(Random random, RecordWriter out) {
        switch (random.nextInt(6)) {
            case 0 -> {
                TableDefinition table = table(random);
                out.table(table);
                return table;
            }
            case 1 -> {
                WindowRecord window =
                        new WindowRecord(random.nextInt(1_000), random.nextLong() >>> 1, rows(random), appends(random));
                out.window(
                        window.partition(),
                        window.sequence(),
                        window.rows().size(),
                        consumer -> window.rows().forEach(row -> consumer.accept(row.key(), row.stages())),
                        window.appends());
                return window;
            }
            case 2 -> {
                List<String> source = List.of("s" + random.nextInt(3), "" + random.nextInt());
                out.source(source.get(0), source.get(1));
                return source;
            }
            case 3 -> {
                Seal seal = new Seal(random.nextInt(8), random.nextInt(), random.nextLong(), uuid(random));
                out.seal(seal);
                return seal;
            }
            case 4 -> {
                ReleasedRecord released = new ReleasedRecord(random.nextInt(8), random.nextLong() >>> 1, uuid(random));
                out.released(released.partition(), released.upTo(), released.batch());
                return released;
            }
            default -> {
                PartitionRecord partition = new PartitionRecord(
                        random.nextInt(8),
                        random.nextLong(),
                        random.nextInt(300),
                        random.nextBoolean() ? null : uuid(random));
                out.partition(partition.number(), partition.last(), partition.released(), partition.batch());
                return partition;
            }
        }
    }

    private record WindowRecord(int partition, long sequence, List<PendingRow> rows, List<PendingAppend> appends) {}

    private record RewrittenRecord(
            int partition, long mark, long from, long to, List<PendingRow> rows, List<PendingAppend> appends) {}

    private record ReleasedRecord(int partition, long upTo, UUID batch) {}

    private record PartitionRecord(int number, long last, long released, UUID batch) {}

    private static List<Object> read(byte[] body) {
        List<Object> records = new ArrayList<>();
        RecordReader.read(ByteBuffer.wrap(body), new RecordVisitor() {
            @Override
            public void table(TableDefinition table) {
                records.add(table);
            }

            @Override
            public void window(int partition, long sequence, List<PendingRow> rows, List<PendingAppend> appends) {
                records.add(new WindowRecord(partition, sequence, rows, appends));
            }

            @Override
            public void rewritten(
                    int partition, long mark, long from, long to, List<PendingRow> rows, List<PendingAppend> appends) {
                records.add(new RewrittenRecord(partition, mark, from, to, rows, appends));
            }

            @Override
            public void source(String name, String position) {
                records.add(List.of(name, position));
            }

            @Override
            public void seal(Seal seal) {
                records.add(seal);
            }

            @Override
            public void released(int partition, long upTo, UUID batch) {
                records.add(new ReleasedRecord(partition, upTo, batch));
            }

            @Override
            public void partition(int partition, long lastSequence, long released, UUID releasedBatch) {
                records.add(new PartitionRecord(partition, lastSequence, released, releasedBatch));
            }
        });
        return records;
    }

    private static byte[] bytes(ByteBuffer body) {
        byte[] bytes = new byte[body.remaining()];
        body.get(bytes);
        return bytes;
    }

    private static List<PendingRow> rows(Random random) {
        List<PendingRow> rows = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            List<Stage> stages = new ArrayList<>();
            for (int j = random.nextInt(3); j >= 0; j--) stages.add(stage(random));
            rows.add(new PendingRow(key(random), stages));
        }
        return rows;
    }

    private static List<PendingAppend> appends(Random random) {
        List<PendingAppend> appends = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            Columns<Object> values = Columns.empty();
            for (int j = random.nextInt(4); j > 0; j--) values = values.with("c" + random.nextInt(5), value(random));
            appends.add(new PendingAppend("t" + random.nextInt(2), values));
        }
        return appends;
    }

    private static RowKey key(Random random) {
        List<Object> values = new ArrayList<>();
        for (int i = random.nextInt(2); i >= 0; i--) values.add(notNull(random));
        return RowKey.of("t" + random.nextInt(3), values);
    }

    private static Stage stage(Random random) {
        Stage.Kind kind = Stage.Kind.values()[random.nextInt(5)];
        Columns<ColumnChange> columns = Columns.empty();
        if (kind != Stage.Kind.DELETE)
            for (int i = random.nextInt(4); i > 0; i--) columns = columns.with("c" + random.nextInt(5), change(random));
        return new Stage(kind, columns);
    }

    private static ColumnChange change(Random random) {
        return switch (random.nextInt(5)) {
            case 0 -> new ColumnChange.Set(value(random));
            case 1 -> new ColumnChange.Max(notNull(random));
            case 2 -> new ColumnChange.Min(notNull(random));
            case 3 -> new ColumnChange.Operations(Bytes.copyOf(new byte[] {(byte) random.nextInt()}));
            default ->
                new ColumnChange.Add(
                        random.nextBoolean() ? (Number) random.nextLong() : BigDecimal.valueOf(random.nextLong(), 2));
        };
    }

    private static Object value(Random random) {
        return random.nextInt(6) == 0 ? null : notNull(random);
    }

    private static Object notNull(Random random) {
        Object value = EDGES.get(random.nextInt(EDGES.size()));
        return value instanceof String text && text.length() > 100 ? "long" : value;
    }

    private static UUID uuid(Random random) {
        return new UUID(random.nextLong(), random.nextLong());
    }

    private static TableDefinition table(Random random) {
        Map<String, Column> columns = new LinkedHashMap<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            Column column = new Column(
                    "c" + random.nextInt(9), type(random), random.nextBoolean(), Absent.values()[random.nextInt(3)]);
            columns.put(column.name(), column);
        }
        List<String> references = random.nextBoolean() ? List.of() : List.of("other", "third");
        return new TableDefinition(
                new TableInfo("t" + random.nextInt(3), List.of("id"), columns, references),
                MissingRow.values()[random.nextInt(3)],
                random.nextBoolean() ? null : "group",
                random.nextBoolean() ? null : "c1",
                random.nextBoolean());
    }

    private static ColumnType type(Random random) {
        List<ColumnType> types = everyType();
        return types.get(random.nextInt(types.size()));
    }

    private static List<ColumnType> everyType() {
        return List.of(
                new ColumnType.Whole(Long.MIN_VALUE, Long.MAX_VALUE),
                new ColumnType.Whole(0, 255),
                new ColumnType.Decimal(0, 0),
                new ColumnType.Decimal(10, 2),
                new ColumnType.Decimal(2, -3),
                new ColumnType.Floating(true),
                new ColumnType.Floating(false),
                new ColumnType.Bool(),
                new ColumnType.Text(0, false, true, ""),
                new ColumnType.Text(20, true, false, "case-insensitive"),
                new ColumnType.Binary(16),
                new ColumnType.Date(),
                new ColumnType.Time(6),
                new ColumnType.Timestamp(0),
                new ColumnType.Moment(9),
                new ColumnType.Uuid(),
                new ColumnType.Json(),
                new ColumnType.Unsupported("geometry"));
    }

    /** One column of every type. */
    private static TableDefinition definition() {
        Map<String, Column> columns = new LinkedHashMap<>();
        for (ColumnType type : everyType()) {
            String name = "c" + columns.size();
            columns.put(name, new Column(name, type, columns.size() % 2 == 0, Absent.values()[columns.size() % 3]));
        }
        return new TableDefinition(
                new TableInfo("t", List.of("c0"), columns, List.of("u")), MissingRow.INSERT, "g", null, true);
    }
}
