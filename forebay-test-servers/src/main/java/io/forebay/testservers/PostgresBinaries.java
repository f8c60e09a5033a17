package io.forebay.testservers;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * PostgreSQL's programs, unpacked once per version below the temporary folder, with a freshly initialised data folder to
 * copy. Safe for several JVMs at once: each makes its own copy, and the first rename wins.
 */
final class PostgresBinaries {
    private static final String ARCHIVE = "/postgres-linux-x86_64.txz";
    private static final Pattern JAR_VERSION = Pattern.compile("-(\\d[0-9.]*)\\.jar!");

    private final Path home;

    private PostgresBinaries(Path home) {
        this.home = home;
    }

    static synchronized PostgresBinaries unpacked() {
        URL archive = PostgresBinaries.class.getResource(ARCHIVE);
        if (archive == null) throw new IllegalStateException("no " + ARCHIVE + " on the class path");
        Path home = cacheFolder().resolve("postgres-" + version(archive));
        once(home, target -> unpack(archive, target));
        return new PostgresBinaries(home);
    }

    Path program(String name) {
        return home.resolve("bin").resolve(name);
    }

    /** A data folder as initdb leaves it; not to be started itself. */
    synchronized Path freshDataFolder() {
        Path template = home.resolveSibling(home.getFileName() + "-data");
        once(template, this::initdb);
        return template;
    }

    private void initdb(Path target) {
        Processes.makeOwned(target);
        Processes.run(
                Processes.asOrdinaryUser(List.of(
                        program("initdb").toString(),
                        "-D",
                        target.toString(),
                        "-U",
                        "postgres",
                        "-A",
                        "trust",
                        "-E",
                        "UTF8",
                        "--no-locale")),
                target.resolveSibling(target.getFileName() + ".log"));
    }

    private static Path cacheFolder() {
        return Path.of(System.getProperty("java.io.tmpdir"), "forebay-test-servers-" + System.getProperty("user.name"));
    }

    private static String version(URL archive) {
        Matcher matcher = JAR_VERSION.matcher(archive.toString());
        return matcher.find() ? matcher.group(1) : "unknown";
    }

    private interface Making {
        void make(Path target) throws IOException;
    }

    private static void once(Path target, Making making) {
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

    private static void unpack(URL archive, Path target) throws IOException {
        try (InputStream raw = new BufferedInputStream(archive.openStream());
                TarArchiveInputStream tar = new TarArchiveInputStream(new XZInputStream(raw))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry())
                unpack(tar, entry, target);
        }
    }

    private static void unpack(InputStream content, TarArchiveEntry entry, Path target) throws IOException {
        Path file = target.resolve(entry.getName()).normalize();
        if (!file.startsWith(target)) throw new IOException("the archive leaves its folder: " + entry.getName());
        if (entry.isDirectory()) {
            Files.createDirectories(file);
            return;
        }
        Files.createDirectories(file.getParent());
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(file, Path.of(entry.getLinkName()));
        } else {
            Files.copy(content, file);
            boolean program = (entry.getMode() & 0100) != 0;
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(program ? "rwxr-xr-x" : "rw-r--r--"));
        }
    }
}
