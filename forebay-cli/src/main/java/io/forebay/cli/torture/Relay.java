package io.forebay.cli.torture;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
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
    private static final int BUFFER_BYTES = 8 << 10;

    private final String host;
    private final int port;
    private final Random random; // of the accepting thread
    private final ServerSocket listener;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final AtomicInteger cuts = new AtomicInteger();

    private Relay(String host, int port, long seed) throws IOException {
        this.host = host;
        this.port = port;
        this.random = new Random(seed);
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
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
    static Optional<Relay> to(String url, long seed) throws IOException {
        Optional<Address> address = Address.of(url);
        if (address.isEmpty()) return Optional.empty();
        Relay relay = new Relay(address.get().host(), address.get().port(), seed);
        daemon("forebay-relay", relay::accept);
        return Optional.of(relay);
    }

    /** The same database by way of this relay. */
    String through(String url) {
        Address address = Address.of(url).orElseThrow();
        return address.before() + "//127.0.0.1:" + listener.getLocalPort() + address.after();
    }

    /** How many connections it has reset so far. */
    int cuts() {
        return cuts.get();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                admit(listener.accept());
            } catch (IOException e) {
                // closed, or the database is away: the client sees its end of it
            }
        }
    }

    private void admit(Socket client) throws IOException {
        try {
            Link link = new Link(client, new Socket(host, port), LEAST_BYTES + random.nextInt(MORE_BYTES));
            links.add(link);
            daemon("forebay-relay-to-database", () -> link.forward(link.client, link.database, true));
            daemon("forebay-relay-to-client", () -> link.forward(link.database, link.client, false));
        } catch (IOException e) {
            client.close();
            throw e;
        }
    }

    private static void daemon(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        links.forEach(Link::end);
    }

    /** One connection, both ways. */
    private final class Link {
        private final Socket client;
        private final Socket database;
        private int left; // bytes towards the database; of the thread that forwards there

        private Link(Socket client, Socket database, int left) {
            this.client = client;
            this.database = database;
            this.left = left;
        }

        private void forward(Socket from, Socket to, boolean counts) {
            byte[] buffer = new byte[BUFFER_BYTES];
            try {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    int sent = counts ? Math.min(read, left) : read;
                    out.write(buffer, 0, sent);
                    if (counts) left -= sent;
                    if (sent < read) {
                        reset();
                        return;
                    }
                }
            } catch (IOException e) {
                // the other side has ended
            }
            end();
        }

        /** Not as one that ends in order: what was not read yet is gone. */
        private void reset() {
            try {
                client.setSoLinger(true, 0);
                database.setSoLinger(true, 0);
                cuts.incrementAndGet();
            } catch (IOException e) {
                // it has ended already
            }
            end();
        }

        private void end() {
            links.remove(this);
            close(client);
            close(database);
        }

        private void close(Socket socket) {
            try {
                socket.close();
            } catch (IOException e) {
                // it is gone either way
            }
        }
    }
}
