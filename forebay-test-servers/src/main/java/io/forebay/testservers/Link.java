package io.forebay.testservers;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;

/** One connection through {@link Links}, with a thread for each way. What passes is up to the subclass. */
public abstract class Link {
    private static final int BUFFER_BYTES = 8 << 10;

    private final Socket client;
    private final Socket server;

    protected Link(Socket client, Socket server) {
        this.client = client;
        this.server = server;
    }

    protected final Socket client() {
        return client;
    }

    protected final Socket server() {
        return server;
    }

    /** Forwards what the client sends, and returns when that is over. */
    protected abstract void toServer() throws IOException, InterruptedException;

    /** Forwards what the server sends, and returns when that is over: both sides are cut then. */
    protected abstract void toClient() throws IOException, InterruptedException;

    /** Whether the server's side stays when {@link #toServer} has returned; false unless overridden. */
    protected boolean staysOpen() {
        return false;
    }

    /** Ends both sides. */
    public final void cut() {
        close(client);
        close(server);
    }

    /** Ends one side. */
    protected static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            return; // it is gone either way
        }
    }

    /** What of a piece passes. */
    protected interface Filter {
        /**
         * How many of its bytes pass; what is less than all is the last that does.
         *
         * @param bytes that came, at least 1
         */
        int passing(int bytes) throws InterruptedException;
    }

    /**
     * Forwards piece by piece, until one side ends or the filter does not let all pass.
     *
     * @return whether it was the filter
     */
    protected static boolean forward(Socket from, Socket to, Filter filter) throws IOException, InterruptedException {
        byte[] buffer = new byte[BUFFER_BYTES];
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            int passing = filter.passing(read);
            out.write(buffer, 0, passing);
            if (passing < read) return true;
        }
        return false;
    }
}
