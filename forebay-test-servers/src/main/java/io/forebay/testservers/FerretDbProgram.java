package io.forebay.testservers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * FerretDB's program, built once below the temporary folder from the module as the Go module proxy has it: about three minutes
 * of work at the first time, ten seconds where Go still has its parts. It takes a Go toolchain.
 */
final class FerretDbProgram {
    static final String VERSION = "v1.24.2";

    private static final String MODULE = "github.com/FerretDB/FerretDB";
    private static final String ESCAPED = "github.com/!ferret!d!b/!ferret!d!b"; // as Go writes capitals in file names
    private static final String PROPERTY = "forebay.test.ferretdb";
    private static final int BUILD_SECONDS = 1800;

    private FerretDbProgram() {}

    static Optional<String> problem() {
        if (Files.isExecutable(home().resolve("ferretdb"))) return Optional.empty();
        if (!"build".equals(System.getProperty(PROPERTY)))
            return Optional.of("FerretDB takes minutes to build: -D" + PROPERTY + "=build builds it once");
        return Processes.succeeds("go", "version")
                ? Optional.empty()
                : Optional.of("FerretDB is built by a Go toolchain, and there is no program `go` on the path");
    }

    static synchronized Path built() {
        CachedFolders.once(home(), FerretDbProgram::build);
        return home().resolve("ferretdb");
    }

    private static Path home() {
        return CachedFolders.named("ferretdb-" + VERSION);
    }

    private static void build(Path target) throws IOException {
        Path source = Files.createTempDirectory("forebay-ferretdb-source");
        Path log = target.resolve("build.log");
        try {
            copy(module(log), source);
            Files.writeString(
                    source.resolve("build/version/version.txt"), VERSION + "\n"); // made by its own build otherwise
            Processes.run(
                    List.of(
                            "go",
                            "-C",
                            source.toString(),
                            "build",
                            "-buildvcs=false",
                            "-o",
                            target.resolve("ferretdb").toString(),
                            "./cmd/ferretdb"),
                    log,
                    BUILD_SECONDS);
        } finally {
            Folders.delete(source);
        }
    }

    /** Where Go keeps the module's source. */
    private static Path module(Path log) throws IOException {
        Processes.run(List.of("go", "mod", "download", MODULE + "@" + VERSION), log, BUILD_SECONDS);
        Process question = new ProcessBuilder("go", "env", "GOMODCACHE").start();
        String cache = new String(question.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        return Path.of(cache, ESCAPED + "@" + VERSION);
    }

    /** Go's own copy is read-only. */
    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> paths = Files.walk(from)) {
            for (Path path : paths.toList()) {
                Path target = to.resolve(from.relativize(path).toString());
                if (Files.isDirectory(path)) Files.createDirectories(target);
                else Files.copy(path, target);
            }
        }
    }
}
