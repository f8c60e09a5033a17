package io.forebay.kafka;

import static org.apache.kafka.common.config.TopicConfig.CLEANUP_POLICY_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.RETENTION_BYTES_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.RETENTION_MS_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The settings without which a topic could lose pending writes (rules K1 and K4 of the protocol). */
final class TopicRules {
    /** What a topic of writes has to say. */
    static final Map<String, String> WRITES = Map.of(
            CLEANUP_POLICY_CONFIG, "delete",
            RETENTION_MS_CONFIG, "-1",
            RETENTION_BYTES_CONFIG, "-1",
            UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG, "false");

    /** What a topic of table definitions has to say. */
    static final Map<String, String> TABLES =
            Map.of(CLEANUP_POLICY_CONFIG, "compact", UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG, "false");

    /** From how many copies on an acknowledged write has to be in two of them. */
    static final int REPLICATED = 3;

    private TopicRules() {}

    /** What is wrong with a topic, one sentence each; empty if nothing is. */
    static List<String> problems(Map<String, String> demanded, Map<String, String> found, int replicas) {
        List<String> problems = new ArrayList<>();
        new TreeMap<>(demanded).forEach((name, value) -> {
            String is = found.getOrDefault(name, "unset");
            if (!is.equals(value)) problems.add("%s is %s and must be %s".formatted(name, is, value));
        });
        String inSync = found.getOrDefault(MIN_IN_SYNC_REPLICAS_CONFIG, "1");
        if (replicas >= REPLICATED && Integer.parseInt(inSync) < 2)
            problems.add("%s is %s and must be at least 2, as there are %d replicas"
                    .formatted(MIN_IN_SYNC_REPLICAS_CONFIG, inSync, replicas));
        return problems;
    }
}
