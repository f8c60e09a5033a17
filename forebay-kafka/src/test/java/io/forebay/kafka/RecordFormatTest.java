package io.forebay.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.UUID;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** The bytes of a record, against the page that describes them and the reader in another language. */
class RecordFormatTest {
    private static final Path DOCS = Path.of("..", "docs");
    private static final UUID WRITER = UUID.fromString("12345678-1234-1234-1234-1234567890ab");
    private static final HexFormat HEX = HexFormat.of();

    private final ProducerRecord<byte[], byte[]> record =
            Entry.window(new TopicPartition("t", 0), WRITER, 1, Pages.window(1, 1));
    private final String header =
            HEX.formatHex(record.headers().lastHeader(Entry.HEADER).value());

    @Test
    void the_page_shows_the_header_as_it_is() throws IOException {
        assertThat(Files.readString(DOCS.resolve("kafka-driver.md"))).contains(header);
    }

    @Test
    void another_language_reads_a_record_as_the_page_says() throws IOException, InterruptedException {
        assumeTrue(hasPython(), "python3 is not installed");
        String argument = "41 " + header + " " + HEX.formatHex(record.value());

        Process python = new ProcessBuilder(
                        "python3", DOCS.resolve("read_kafka_topic.py").toString(), argument)
                .redirectErrorStream(true)
                .start();
        String printed = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();

        assertThat(python.waitFor()).as(printed).isZero();
        assertThat(Files.readString(DOCS.resolve("kafka-driver.md"))).contains(printed);
        assertThat(printed).contains("sequence=42 window writer=" + WRITER + " number=1 rows=1");
    }

    private static boolean hasPython() throws InterruptedException {
        try {
            return new ProcessBuilder("python3", "--version").start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
