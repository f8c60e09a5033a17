package io.forebay.testservers;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/**
 * One client's way through a {@link TcpProxy}. It reads just enough of PostgreSQL's protocol to find COMMIT: a simple
 * query, or an extended one that begins with the Parse or the Bind of that statement and ends with Sync.
 */
final class ProxiedConnection extends Link {
    private static final int SSL_REQUEST = 80877103;
    private static final int GSS_REQUEST = 80877104;

    private final TcpProxy proxy;
    private final Set<String> commitStatements = new HashSet<>(); // names of prepared COMMITs; one thread
    private final ByteArrayOutputStream held = new ByteArrayOutputStream(); // guarded by itself
    private volatile boolean swallowing; // replies are dropped, and the first one ends the connection
    private volatile boolean holding; // the client is gone, the server's side stays

    ProxiedConnection(TcpProxy proxy, Socket client, Socket server) {
        super(client, server);
        this.proxy = proxy;
    }

    @Override
    protected void toServer() throws IOException, InterruptedException {
        DataInputStream in = new DataInputStream(client().getInputStream());
        DataOutputStream out = new DataOutputStream(server().getOutputStream());
        forwardStartup(in, out);
        while (forwardMessage(in, out)) {
            // until one side ends
        }
    }

    @Override
    protected void toClient() throws IOException, InterruptedException {
        forward(server(), client(), this::passing);
    }

    private int passing(int bytes) throws InterruptedException {
        proxy.awaitToClient();
        if (!swallowing && !holding) return bytes;
        proxy.commitCaught();
        return 0;
    }

    @Override
    protected boolean staysOpen() {
        return holding;
    }

    void deliverHeld() {
        try {
            synchronized (held) {
                server().getOutputStream().write(held.toByteArray());
            }
        } catch (IOException e) {
            throw new IllegalStateException("the server's side of the held COMMIT is gone", e);
        }
    }

    private void forwardStartup(DataInputStream in, DataOutputStream out) throws IOException, InterruptedException {
        int code;
        do {
            byte[] rest = new byte[in.readInt() - 4];
            in.readFully(rest);
            code = ByteBuffer.wrap(rest).getInt();
            proxy.awaitToServer();
            out.write(ByteBuffer.allocate(4 + rest.length)
                    .putInt(4 + rest.length)
                    .put(rest)
                    .array());
        } while (code == SSL_REQUEST || code == GSS_REQUEST);
    }

    private boolean forwardMessage(DataInputStream in, DataOutputStream out) throws IOException, InterruptedException {
        byte[] message = read(in);
        proxy.awaitToServer();
        if (!startsCommit(message)) {
            out.write(message);
            return true;
        }
        switch (proxy.nextCommit(this)) {
            case DELIVER -> out.write(message);
            case DROP -> {
                proxy.commitCaught();
                cut();
                return false;
            }
            case LOSE_REPLY -> {
                swallowing = true;
                out.write(withRest(message, in));
            }
            case HOLD -> {
                synchronized (held) {
                    held.write(withRest(message, in));
                }
                holding = true;
                close(client());
                proxy.commitCaught();
                return false;
            }
        }
        return true;
    }

    private static byte[] read(DataInputStream in) throws IOException {
        byte type = in.readByte();
        int length = in.readInt();
        byte[] message = new byte[1 + length];
        ByteBuffer.wrap(message).put(type).putInt(length);
        in.readFully(message, 5, length - 4);
        return message;
    }

    /** An extended query goes on until Sync. */
    private static byte[] withRest(byte[] first, DataInputStream in) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(first);
        for (byte[] last = first; last[0] != 'Q' && last[0] != 'S'; ) {
            last = read(in);
            all.write(last);
        }
        return all.toByteArray();
    }

    private boolean startsCommit(byte[] message) {
        switch (message[0]) {
            case 'Q' -> {
                return isCommit(text(message, 5));
            }
            case 'P' -> {
                String name = text(message, 5);
                boolean commit = isCommit(text(message, 5 + name.length() + 1));
                if (commit) commitStatements.add(name);
                else commitStatements.remove(name);
                return commit;
            }
            case 'B' -> {
                String portal = text(message, 5);
                return commitStatements.contains(text(message, 5 + portal.length() + 1));
            }
            default -> {
                return false;
            }
        }
    }

    private static boolean isCommit(String sql) {
        return sql.trim().toUpperCase(Locale.ROOT).equals("COMMIT");
    }

    /** A text that ends with a zero byte; one char per byte, which is enough to compare. */
    private static String text(byte[] message, int from) {
        int end = from;
        while (message[end] != 0) end++;
        return new String(message, from, end - from, StandardCharsets.ISO_8859_1);
    }
}
