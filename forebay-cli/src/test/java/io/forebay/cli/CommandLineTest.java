package io.forebay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import io.forebay.Forebay;
import io.forebay.mongodb.MongoSink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bson.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "demo",
                "replay",
                "journal",
                "journal inspect",
                "journal verify",
                "journal repair",
                "dead-letters",
                "dead-letters list",
                "dead-letters replay",
                "dead-letters drop",
                "schema",
                "log-cache",
                "log-cache get",
                "log-cache dump",
                "log-cache watch"
            })
    void each_command_has_help_with_an_example(String command) {
        List<String> args = new java.util.ArrayList<>(List.of(command.split(" ")));
        args.add("--help");

        Cli help = Cli.run(args);

        assertThat(help.code()).isZero();
        assertThat(help.out())
                .contains("Example")
                .contains("forebay " + command)
                .contains("--verbose");
        assertThat(help.out().lines()).allMatch(line -> line.length() <= 100);
    }

    @Test
    void the_version_is_that_of_the_build() {
        assertThat(Cli.run("--version").out())
                .startsWith("forebay ")
                .doesNotContain("$")
                .contains("Java");
    }

    @Test
    void no_command_is_a_usage_error() {
        Cli result = Cli.run();

        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err().lines()).singleElement().asString().startsWith("forebay: name a command");
    }

    @Test
    void an_unknown_option_is_a_usage_error_of_one_line() {
        Cli result = Cli.run("replay", "access.log", "--fast");

        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err().lines())
                .containsExactly("forebay: Unknown option: '--fast' (see forebay replay --help)");
    }

    @Test
    void a_missing_log_is_a_failure_of_one_line() {
        Cli result = Cli.run("replay", folder.resolve("no.log").toString());

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err().lines()).containsExactly("forebay: " + folder.resolve("no.log") + ": no such file");
    }

    @Test
    void verbose_adds_the_stack_trace() {
        Cli result = Cli.run("replay", "--verbose", folder.resolve("no.log").toString());

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).contains("\tat io.forebay.cli.");
    }

    @Test
    void a_database_that_cannot_be_reached_is_named_without_its_password() {
        Cli result =
                Cli.run("dead-letters", "list", "--jdbc-url", "jdbc:postgresql://127.0.0.1:1/shop?password=secret");

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err().lines())
                .singleElement()
                .asString()
                .startsWith("forebay: cannot connect to jdbc:postgresql://127.0.0.1:1/shop: ")
                .doesNotContain("secret");
    }

    @Test
    void another_kind_of_database_is_refused() {
        Cli result = Cli.run("dead-letters", "list", "--jdbc-url", "jdbc:oracle:thin:@x");

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err())
                .contains(
                        "--jdbc-url must begin with jdbc:h2: or jdbc:mariadb: or jdbc:mysql: or jdbc:postgresql: or jdbc:sqlite:");
    }

    @Test
    void a_mongodb_without_a_database_and_two_databases_are_refused() {
        Cli nameless = Cli.run("dead-letters", "list", "--mongodb-uri", "mongodb://127.0.0.1:1");
        Cli both = Cli.run(
                "dead-letters", "list", "--mongodb-uri", "mongodb://127.0.0.1:1/shop", "--jdbc-url", "jdbc:h2:mem:x");
        Cli none = Cli.run("dead-letters", "list", "--mongodb-uri", "127.0.0.1:27017/shop");

        assertThat(List.of(nameless, both, none)).extracting(Cli::code).containsOnly(1);
        assertThat(nameless.err()).contains("--mongodb-uri names no database: mongodb://host:27017/database would");
        assertThat(both.err()).contains("give --jdbc-url or --mongodb-uri, not both");
        assertThat(none.err()).contains("--mongodb-uri is none: ").contains("mongodb://");
    }

    @Test
    void dead_letters_of_a_mongodb_are_listed_and_tried_again() {
        MongoServer server = new MongoServer(new MemoryBackend());
        String address = server.bindAndGetConnectionString();
        try (MongoClient client = MongoClients.create(address)) {
            refuse(MongoSink.of(client, "shop"), folder.resolve("journal"));
            String uri = address + "/shop";

            Cli listed = Cli.run("dead-letters", "list", "--mongodb-uri", uri);
            Cli refused = Cli.run("dead-letters", "replay", "--mongodb-uri", uri);
            client.getDatabase("shop").getCollection("pages").insertOne(new Document("_id", "/home"));
            Cli applied = Cli.run("dead-letters", "replay", "--mongodb-uri", uri, "--table", "pages");

            assertThat(listed.out()).contains("update pages", "state 02000, refused 1 time", "1 dead letter");
            assertThat(refused.out()).contains("0 applied, 1 refused again");
            assertThat(refused.code()).isEqualTo(1);
            assertThat(applied.out()).contains("1 applied, 0 refused again");
        } finally {
            server.shutdownNow();
        }
    }

    /** Leaves a dead letter: an update of a document that is not there. */
    private static void refuse(MongoSink sink, Path journal) {
        try (Forebay forebay = Forebay.builder()
                .database(Forebay.DEFAULT_DATABASE, sink)
                .journal(journal)
                .build()) {
            forebay.table("pages").row("/home").increment("views");
            forebay.flushAndWait();
        }
    }

    @Test
    void a_database_that_does_not_answer_is_named() {
        Cli result = Cli.run("dead-letters", "list", "--jdbc-url", "jdbc:mysql://localhost:1/shop");

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).contains("cannot connect to jdbc:mysql://localhost:1/shop");
    }

    @Test
    void a_password_file_that_is_missing_is_named() {
        Cli result =
                Cli.run("dead-letters", "list", "--jdbc-url", "jdbc:h2:mem:x", "--password-file", folder + "/none");

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).contains("--password-file: " + folder + "/none: no such file");
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgresql", "mariadb", "mysql", "h2", "sqlite"})
    void the_schema_is_printed(String database) {
        Cli result = Cli.run("schema", database);

        assertThat(result.code()).isZero();
        assertThat(result.out()).contains("forebay_watermark").contains("forebay_dead_letter");
    }

    @Test
    void an_unknown_schema_is_a_usage_error_that_names_the_known_ones() {
        Cli result = Cli.run("schema", "oracle");

        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).contains("postgresql").contains("h2");
    }

    @Test
    void a_directory_without_a_journal_is_named() throws IOException {
        Path empty = Files.createDirectory(folder.resolve("empty"));

        Cli result = Cli.run("journal", "verify", empty.toString());

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).contains(empty + " holds no journal");
        assertThat(Files.list(empty)).isEmpty();
    }

    @Test
    void a_directory_that_is_missing_is_not_made() {
        Path none = folder.resolve("none");

        Cli result = Cli.run("journal", "inspect", none.toString());

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).contains(none + ": no such directory");
        assertThat(none).doesNotExist();
    }

    @Test
    void drop_wants_to_know_what() {
        Cli result = Cli.run("dead-letters", "drop", "--jdbc-url", "jdbc:h2:mem:x");

        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).contains("say what to drop: --table NAME, or --all");
    }
}
