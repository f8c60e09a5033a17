package io.forebay.cli.torture;

import io.forebay.testservers.Link;
import io.forebay.testservers.Links;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A network that does not last: forwards connections to a database, whatever its protocol, and resets each after a number
 * of bytes, in the middle of a message as a rule. Thread-safe.
 */
final class Relay implements AutoCloseable {
    private static final Pattern ADDRESS =
            Pattern.compile("(jdbc:(postgresql|mariadb|mysql|h2:tcp):)(//[^/,?;]+)(/.*)");
    private static final int POSTGRESQL_PORT = 5432;
    private static final int MARIADB_PORT = 3306;
    private static final int H2_PORT = 9092;
    private static final int LEAST_BYTES = 16 << 10; // a start gets through
    private static final int MORE_BYTES = 24 << 10;

    private final Links links;
    private final Random random; // of the thread that takes connections
    private final AtomicInteger cuts = new AtomicInteger();

    private Relay(String host, int port, long seed) {
        this.random = new Random(seed);
        this.links = Links.to(host, port, Unlasting::new);
    }

    /** A database's address within its URL, and what stands around it. */
    private record Address(String before, String host, int port, String after) {
        static Optional<Address> of(String url) {
            Matcher matcher = ADDRESS.matcher(url);
            if (!matcher.matches()) return Optional.empty();
            URI authority = URI.create(matcher.group(3));
            if (authority.getHost() == null) return Optional.empty();
            int port = authority.getPort() > 0 ? authority.getPort() : defaultPort(matcher.group(2));
            return Optional.of(new Address(matcher.group(1), authority.getHost(), port, matcher.group(4)));
        }

        private static int defaultPort(String kind) {
            return switch (kind) {
                case "postgresql" -> POSTGRESQL_PORT;
                case "h2:tcp" -> H2_PORT;
                default -> MARIADB_PORT;
            };
        }
    }

    /** Begins to forward to the database of {@code url}; empty if that has no single address, as an H2 file. */
    static Optional<Relay> to(String url, long seed) {
        return Address.of(url).map(address -> new Relay(address.host(), address.port(), seed));
    }

    /** The same database by way of this relay. */
    String through(String url) {
        Address address = Address.of(url).orElseThrow();
        return address.before() + "//127.0.0.1:" + links.port() + address.after();
    }

    /** How many connections it has reset so far. */
    int cuts() {
        return cuts.get();
    }

    @Override
    public void close() {
        links.close();
    }

    private final class Unlasting extends Link {
        /** Bytes towards the database; of the thread that forwards there. */
        private int left = LEAST_BYTES + random.nextInt(MORE_BYTES);

        private Unlasting(Socket client, Socket database) {
            super(client, database);
        }

        @Override
        protected void toServer() throws IOException, InterruptedException {
            if (forward(client(), server(), this::passing)) reset();
        }

        @Override
        protected void toClient() throws IOException, InterruptedException {
            forward(server(), client(), bytes -> bytes);
        }

        private int passing(int bytes) {
            int passing = Math.min(bytes, left);
            left -= passing;
            return passing;
        }

        /** Not as one that ends in order: what was not read yet is gone. */
        private void reset() throws IOException {
            client().setSoLinger(true, 0);
            server().setSoLinger(true, 0);
            cuts.incrementAndGet();
        }
    }
}
