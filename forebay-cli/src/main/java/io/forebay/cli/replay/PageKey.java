package io.forebay.cli.replay;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/** A path as a primary key: PostgreSQL indexes no more than some 2,700 bytes of a text, MySQL 3,072 and counts four for each character. */
final class PageKey {
    static final int MAX_CHARS = 700; // at most 2,100 bytes

    private static final int KEPT_CHARS = 600; // at most 1,800 bytes

    private PageKey() {}

    /** The path itself, or, where it is too long, its beginning and a hash of the whole. */
    static String of(String path) {
        if (path.length() <= MAX_CHARS) return path;
        int cut = Character.isHighSurrogate(path.charAt(KEPT_CHARS - 1)) ? KEPT_CHARS - 1 : KEPT_CHARS;
        return path.substring(0, cut) + "…#" + hash(path.getBytes(StandardCharsets.UTF_8));
    }

    private static String hash(byte[] bytes) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
            return HexFormat.of().formatHex(Arrays.copyOf(digest, 16));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
