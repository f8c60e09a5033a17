package io.forebay.testservers;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Redis's server program (6.2.11), unpacked once below the temporary folder. */
final class RedisBinary {
    private static final String RESOURCE = "/redis-server-6.2.6-v5-linux-amd64"; // the name is older than what is in it
    private static final String PROGRAM = "redis-server";

    private RedisBinary() {}

    static synchronized Path unpacked() {
        Path home = CachedFolders.named("redis-6.2.11");
        CachedFolders.once(home, RedisBinary::unpack);
        return home.resolve(PROGRAM);
    }

    private static void unpack(Path target) throws IOException {
        try (InputStream content = RedisBinary.class.getResourceAsStream(RESOURCE)) {
            if (content == null) throw new IllegalStateException("no " + RESOURCE + " on the class path");
            Path program = target.resolve(PROGRAM);
            Files.copy(content, program);
            Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }
}
