package io.forebay.redis;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Where a Redis is. Immutable; there is no password in it.
 *
 * @param kind one Redis, one that Sentinels know, or a cluster
 * @param tls whether connections are encrypted, with the server's certificate and name checked
 * @param nodes the Redis, the Sentinels, or some nodes of the cluster; one or more
 * @param primaryName under which Sentinels know the primary; empty for the other kinds
 * @param database the number of the database; 0 in a cluster
 */
public record RedisAddress(Kind kind, boolean tls, List<Node> nodes, String primaryName, int database) {
    private static final String FORMS =
            "redis://host:port/database, redis-sentinel://host:port,host:port/database#name or redis-cluster://host:port,host:port,"
                    + " with rediss for TLS";
    private static final Pattern URI =
            Pattern.compile("redis(s?)(-sentinel|-cluster)?://([^/#?]+)(?:/(\\d{0,9}))?(?:#(.+))?");
    private static final Pattern NODE = Pattern.compile("([^:\\[\\]]+|\\[[0-9a-fA-F:.]+])(?::(\\d{1,5}))?");
    private static final int REDIS_PORT = 6379;
    private static final int SENTINEL_PORT = 26379;

    /** What listens there. */
    public enum Kind {
        STANDALONE,
        SENTINEL,
        CLUSTER
    }

    /**
     * One process.
     *
     * @param port 1 to 65,535
     */
    public record Node(String host, int port) {
        public Node {
            if (host.isBlank()) throw new IllegalArgumentException("a host must not be blank");
            if (port < 1 || port > 65_535)
                throw new IllegalArgumentException("the port of %s must be 1 to 65535, was %d".formatted(host, port));
        }

        @Override
        public String toString() {
            return host + ":" + port;
        }
    }

    public RedisAddress {
        nodes = List.copyOf(nodes);
        List<String> problems = new ArrayList<>();
        if (nodes.isEmpty()) problems.add("an address needs a host");
        if (kind == Kind.STANDALONE && nodes.size() > 1)
            problems.add("several hosts are a cluster (redis-cluster://) or Sentinels (redis-sentinel://)");
        if (kind == Kind.CLUSTER && database != 0) problems.add("a cluster has no database but 0, was " + database);
        if (database < 0) problems.add("the database must not be negative, was " + database);
        if (kind == Kind.SENTINEL && primaryName.isEmpty())
            problems.add("Sentinels need the name of the primary (redis-sentinel://host#name)");
        if (kind != Kind.SENTINEL && !primaryName.isEmpty())
            problems.add("only Sentinels know the name of a primary, was " + primaryName);
        if (!problems.isEmpty()) throw new IllegalArgumentException(String.join("; ", problems));
    }

    /**
     * Reads {@code redis://host:6379/0}, {@code redis-sentinel://host:26379,host:26379/0#name} or
     * {@code redis-cluster://host:6379,host:6379}; with {@code rediss} in place of {@code redis} for TLS. Port and
     * database may be left out.
     *
     * @throws IllegalArgumentException if it has another form. A name or password before an {@code @} is refused, because
     *     addresses are shown in logs; the message does not repeat it
     */
    public static RedisAddress parse(String uri) {
        if (uri.contains("@"))
            throw new IllegalArgumentException(
                    "an address of Redis must not have a user or a password in it: give them to RedisSettings");
        Matcher matcher = URI.matcher(uri);
        if (!matcher.matches())
            throw new IllegalArgumentException("'%s' is no address of Redis; that is %s".formatted(uri, FORMS));
        Kind kind = kind(matcher.group(2));
        return new RedisAddress(
                kind,
                !matcher.group(1).isEmpty(),
                nodes(matcher.group(3), kind == Kind.SENTINEL ? SENTINEL_PORT : REDIS_PORT),
                matcher.group(5) == null ? "" : matcher.group(5),
                matcher.group(4) == null || matcher.group(4).isEmpty() ? 0 : Integer.parseInt(matcher.group(4)));
    }

    private static Kind kind(String suffix) {
        if (suffix == null) return Kind.STANDALONE;
        return suffix.equals("-sentinel") ? Kind.SENTINEL : Kind.CLUSTER;
    }

    private static List<Node> nodes(String hosts, int defaultPort) {
        List<Node> nodes = new ArrayList<>();
        for (String host : hosts.split(",", -1)) {
            Matcher matcher = NODE.matcher(host);
            if (!matcher.matches())
                throw new IllegalArgumentException("'%s' is no host with a port; that is %s".formatted(host, FORMS));
            String port = matcher.group(2);
            nodes.add(new Node(matcher.group(1), port == null ? defaultPort : Integer.parseInt(port)));
        }
        return nodes;
    }

    /** In the form that {@link #parse} reads. */
    @Override
    public String toString() {
        String suffix = switch (kind) {
            case STANDALONE -> "";
            case SENTINEL -> "-sentinel";
            case CLUSTER -> "-cluster";
        };
        String hosts = nodes.stream().map(Node::toString).collect(Collectors.joining(","));
        return "redis" + (tls ? "s" : "") + suffix + "://" + hosts + (database == 0 ? "" : "/" + database)
                + (primaryName.isEmpty() ? "" : "#" + primaryName);
    }
}
