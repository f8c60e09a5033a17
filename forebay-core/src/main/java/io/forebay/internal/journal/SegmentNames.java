package io.forebay.internal.journal;

import io.forebay.spi.Disk;
import java.io.IOException;
import java.util.List;
import java.util.regex.Pattern;

/** File names of segments: the index in twenty digits, so that names sort like indexes. */
final class SegmentNames {
    private static final String SUFFIX = ".segment";
    private static final Pattern NAME = Pattern.compile("0[0-9]{19}\\.segment");

    private SegmentNames() {}

    static String of(long index) {
        return "%020d".formatted(index) + SUFFIX;
    }

    static long index(String name) {
        return Long.parseLong(name.substring(0, name.length() - SUFFIX.length()));
    }

    /** The segments of a journal, oldest first. */
    static List<String> in(Disk disk) throws IOException {
        return disk.list().stream()
                .filter(name -> NAME.matcher(name).matches())
                .sorted()
                .toList();
    }
}
