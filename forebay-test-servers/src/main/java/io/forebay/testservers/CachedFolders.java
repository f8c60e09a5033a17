package io.forebay.testservers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Folders that are made once and kept below the temporary folder. Safe for several JVMs at once: each makes its own copy,
 * and the first rename wins.
 */
final class CachedFolders {
    private CachedFolders() {}

    /** Fills a new folder. */
    interface Making {
        void make(Path target) throws IOException;
    }

    /** Where the folder of this name is, or will be. */
    static Path named(String name) {
        return Path.of(System.getProperty("java.io.tmpdir"), "forebay-test-servers-" + System.getProperty("user.name"))
                .resolve(name);
    }

    static void once(Path target, Making making) {
        if (Files.isDirectory(target)) return;
        try {
            Files.createDirectories(target.getParent());
            Path draft = Files.createTempDirectory(target.getParent(), "draft");
            Files.setPosixFilePermissions(draft, PosixFilePermissions.fromString("rwxr-xr-x"));
            making.make(draft);
            publish(draft, target);
        } catch (IOException e) {
            throw new UncheckedIOException("could not make " + target, e);
        }
    }

    private static void publish(Path draft, Path target) throws IOException {
        try {
            Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            if (!Files.isDirectory(target)) throw e;
            Folders.delete(draft); // another JVM was first
        }
    }
}
