package io.forebay.cli.invalidate;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.forebay.cli.CommandFailure;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.MessageDigest;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * {@code /metrics} for Prometheus and {@code /health}, over HTTP. Where a token is set, whoever asks has to send it as {@code
 * Authorization: Bearer}. Thread-safe.
 */
final class Endpoints implements AutoCloseable {
    private static final int THREADS = 2;

    private final HttpServer server;
    private final ExecutorService threads;
    private final byte @Nullable [] authorization;

    /** An answer. */
    record Answer(int status, String type, String body) {}

    private Endpoints(HttpServer server, ExecutorService threads, @Nullable String token) {
        this.server = server;
        this.threads = threads;
        this.authorization = token == null ? null : ("Bearer " + token).getBytes(UTF_8);
    }

    /** @throws CommandFailure if the port cannot be taken */
    static Endpoints open(ServiceConfig.HttpSettings http, Supplier<Answer> metrics, Supplier<Answer> health) {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(http.host(), http.port()), 0);
            ExecutorService threads = Executors.newFixedThreadPool(THREADS, work -> {
                Thread thread = new Thread(work, "forebay-http");
                thread.setDaemon(true);
                return thread;
            });
            server.setExecutor(threads);
            Endpoints endpoints = new Endpoints(server, threads, http.token());
            endpoints.serve("/metrics", metrics);
            endpoints.serve("/health", health);
            server.start();
            return endpoints;
        } catch (IOException e) {
            throw new CommandFailure(
                    "http: port %d of %s cannot be taken: %s".formatted(http.port(), http.host(), e.getMessage()), e);
        }
    }

    /** The port it listens on. */
    int port() {
        return server.getAddress().getPort();
    }

    private void serve(String path, Supplier<Answer> answers) {
        server.createContext(path, exchange -> {
            try (exchange) {
                send(exchange, answer(exchange, path, answers));
            }
        });
    }

    private Answer answer(HttpExchange exchange, String path, Supplier<Answer> answers) {
        if (!exchange.getRequestURI().getPath().equals(path)) return new Answer(404, "text/plain", "not found\n");
        if (!exchange.getRequestMethod().equals("GET")) return new Answer(405, "text/plain", "only GET\n");
        if (!isAllowed(exchange)) return new Answer(401, "text/plain", "a token is needed\n");
        return answers.get();
    }

    private boolean isAllowed(HttpExchange exchange) {
        if (authorization == null) return true;
        String given = exchange.getRequestHeaders().getFirst("Authorization");
        return given != null && MessageDigest.isEqual(authorization, given.getBytes(UTF_8));
    }

    private static void send(HttpExchange exchange, Answer answer) throws IOException {
        byte[] body = answer.body().getBytes(UTF_8);
        exchange.getResponseHeaders().set("Content-Type", answer.type() + "; charset=utf-8");
        exchange.sendResponseHeaders(answer.status(), body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdown();
    }
}
