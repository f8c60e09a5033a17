package io.forebay.kafka.cache;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Deletes directories. */
final class Directories {
    private Directories() {}

    /** Deletes the directory with all it holds, if it exists. */
    static void delete(Path directory) {
        if (!Files.exists(directory)) return;
        try {
            for (Path path : deepestFirst(directory)) Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new CacheStoreException("the directory " + directory + " cannot be deleted: " + e, e);
        }
    }

    private static List<Path> deepestFirst(Path directory) throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            return paths.sorted(Comparator.reverseOrder()).toList();
        }
    }
}
