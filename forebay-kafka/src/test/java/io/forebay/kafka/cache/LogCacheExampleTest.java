package io.forebay.kafka.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The example of docs/log-cache.md. */
class LogCacheExampleTest {
    record User(String name, String role) {}

    @Test
    void a_user_is_written_and_read() throws Exception {
        String servers = Broker.servers();
        Broker.create("users", 1);

        assertThat(example(servers)).contains(new User("Alice", "admin"));
    }

    private static Optional<User> example(String servers) throws Exception {
        try (LogCache<String, User> users = LogCache.builder(User.class)
                .bootstrapServers(servers)
                .topic("users")
                .readOnly(false)
                .build()) {
            users.awaitReady(Duration.ofMinutes(1));

            LogPosition written = users.put("alice", new User("Alice", "admin")).get();
            users.awaitPosition(
                    written, Duration.ofSeconds(10)); // here, or in any other process that is told the position

            Optional<User> alice = users.get("alice");
            return alice;
        }
    }

    @Test
    void the_page_shows_this_code() throws Exception {
        String page = Files.readString(Path.of("..", "docs", "log-cache.md"));
        String code = page.substring(page.indexOf("```java\n") + 8, page.indexOf("\n```\n"));
        String source = squeezed(Files.readString(
                Path.of("src", "test", "java", "io", "forebay", "kafka", "cache", "LogCacheExampleTest.java")));

        assertThat(source).contains(squeezed(code));
    }

    private static String squeezed(String code) {
        return String.join("", List.of(code.split("\\s+")));
    }
}
