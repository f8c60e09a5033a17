package io.forebay.cli.invalidate;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.forebay.cdc.ChangeSource;
import io.forebay.cdc.DeadLetters;
import io.forebay.cdc.FileDeadLetters;
import io.forebay.cdc.engine.EngineSource;
import io.forebay.cdc.kafka.KafkaDeadLetters;
import io.forebay.cdc.kafka.KafkaSource;
import io.forebay.cdc.rule.Rules;
import io.forebay.cli.CommandFailure;
import io.forebay.redis.RedisSettings;
import io.forebay.redis.cache.CacheSettings;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What {@code forebay invalidate} is told by its file; {@code docs/invalidation.md} lists the fields. Nothing is opened before the
 * whole file was found good. Immutable.
 *
 * @param source opens the source; it is not started yet
 * @param deadLetters opens where records go that cannot be handled
 */
record ServiceConfig(
        Supplier<ChangeSource> source,
        CacheSettings cache,
        Rules rules,
        Supplier<DeadLetters> deadLetters,
        HttpSettings http) {

    /**
     * Where metrics and health are told.
     *
     * @param token whoever asks has to show it; null if nobody has to
     */
    record HttpSettings(String host, int port, @Nullable String token) {
        private static final int DEFAULT_PORT = 9464;
        private static final int LAST_PORT = 65_535;

        private static HttpSettings of(ConfigFile file, ConfigFile.Section http) {
            http.only("host", "port", "token");
            String host = http.text("host", "127.0.0.1");
            String token = http.text("token", "");
            if (!isLoopback(host) && token.isBlank())
                file.problem("http.token is missing: beyond this machine (http.host is %s) whoever asks has to show one"
                        .formatted(host));
            return new HttpSettings(
                    host, http.number("port", DEFAULT_PORT, 0, LAST_PORT), token.isBlank() ? null : token);
        }

        private static boolean isLoopback(String host) {
            return host.equals("localhost") || host.equals("::1") || host.startsWith("127.");
        }
    }

    /** @throws CommandFailure if the file cannot be read, or anything in it is wrong, with all problems in the message */
    static ServiceConfig read(Path path) {
        ConfigFile file = ConfigFile.read(path);
        ConfigFile.Section top = file.top().only("source", "redis", "cache", "deadLetters", "http", "rules");
        Supplier<ChangeSource> source = source(file, top.section("source"));
        CacheSettings cache = cache(file, top);
        Rules rules = rules(file, top);
        Supplier<DeadLetters> letters = deadLetters(file, top);
        HttpSettings http = HttpSettings.of(file, top.section("http"));
        file.requireGood();
        if (cache == null || rules == null) throw new IllegalStateException("a problem was not noted");
        return new ServiceConfig(source, cache, rules, letters, http);
    }

    private static Supplier<ChangeSource> source(ConfigFile file, ConfigFile.Section source) {
        source.only("kafka", "engine");
        if (source.has("kafka") == source.has("engine")) {
            file.problem("source: expected kafka or engine, and one of them");
            return () -> {
                throw new IllegalStateException("no source");
            };
        }
        return source.has("kafka") ? kafka(file, source.section("kafka")) : engine(source.section("engine"));
    }

    private static Supplier<ChangeSource> kafka(ConfigFile file, ConfigFile.Section kafka) {
        kafka.only("bootstrapServers", "topics", "topicPattern", "group", "assigned", "properties");
        KafkaSource.Builder builder = KafkaSource.builder()
                .bootstrapServers(kafka.required("bootstrapServers"))
                .group(kafka.required("group"));
        if (kafka.has("topics")) builder.topics(kafka.texts("topics").toArray(String[]::new));
        if (kafka.has("topicPattern")) builder.topicPattern(kafka.required("topicPattern"));
        if (kafka.flag("assigned")) builder.assigned();
        kafka.properties("properties")
                .forEach((name, value) -> file.making("source.kafka.properties", () -> builder.property(name, value)));
        return builder::build;
    }

    private static Supplier<ChangeSource> engine(ConfigFile.Section engine) {
        engine.only("directory", "properties");
        EngineSource.Builder builder = EngineSource.builder(Path.of(engine.required("directory")));
        engine.properties("properties").forEach(builder::property);
        return builder::build;
    }

    private static @Nullable CacheSettings cache(ConfigFile file, ConfigFile.Section top) {
        ConfigFile.Section redis =
                top.section("redis").only("address", "user", "password", "certificates", "prefix", "timeout");
        ConfigFile.Section cache = top.section("cache").only("name", "ttl", "jitter", "grace");
        String address = redis.required("address");
        String name = cache.required("name");
        if (address.isBlank() || name.isBlank()) return null;
        RedisSettings settings = file.making("redis", () -> redis(redis, address));
        if (settings == null) return null;
        CacheSettings defaults = CacheSettings.of(settings, "defaults");
        return file.making(
                "cache",
                () -> new CacheSettings(
                        settings,
                        name,
                        cache.duration("ttl", defaults.ttl()),
                        cache.duration("jitter", defaults.jitter()),
                        cache.duration("grace", defaults.grace())));
    }

    private static RedisSettings redis(ConfigFile.Section redis, String address) {
        RedisSettings settings = RedisSettings.of(address);
        String password = redis.text("password", "");
        String user = redis.text("user", "");
        if (!user.isEmpty()) settings = settings.withUser(user, () -> password);
        else if (!password.isEmpty()) settings = settings.withPassword(() -> password);
        if (redis.has("certificates"))
            settings = settings.withTrustedCertificates(Path.of(redis.required("certificates")));
        if (redis.has("prefix")) settings = settings.withPrefix(redis.text("prefix", ""));
        return settings.withTimeout(redis.duration("timeout", settings.timeout()));
    }

    private static @Nullable Rules rules(ConfigFile file, ConfigFile.Section top) {
        ObjectNode rules = new YAMLMapper().createObjectNode();
        rules.set("rules", top.list("rules"));
        return file.making("rules", () -> Rules.ofYaml(rules.toString())); // JSON is YAML
    }

    private static Supplier<DeadLetters> deadLetters(ConfigFile file, ConfigFile.Section top) {
        ConfigFile.Section letters = top.section("deadLetters").only("file", "topic");
        if (letters.has("file") == letters.has("topic"))
            file.problem("deadLetters: expected file or topic, and one of them");
        if (letters.has("file")) {
            Path path = Path.of(letters.required("file"));
            return () -> FileDeadLetters.at(path);
        }
        ConfigFile.Section kafka = top.section("source").section("kafka");
        if (letters.has("topic") && !kafka.has("bootstrapServers"))
            file.problem("deadLetters.topic needs source.kafka; expected deadLetters.file");
        Map<String, Object> properties = new HashMap<>(kafka.properties("properties"));
        properties.put("bootstrap.servers", kafka.text("bootstrapServers", ""));
        String topic = letters.text("topic", "");
        return () -> KafkaDeadLetters.in(topic, properties);
    }
}
