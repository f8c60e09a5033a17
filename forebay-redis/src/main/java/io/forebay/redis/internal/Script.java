package io.forebay.redis.internal;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A Lua script for Redis 6.2 and newer. All keys that it touches are given to it and are in one hash slot.
 *
 * @param hash by which Redis knows it
 */
public record Script(String source, String hash) {
    public static Script of(String source) {
        return new Script(source, hash(source));
    }

    private static String hash(String source) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-1").digest(source.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-1", e);
        }
    }
}
