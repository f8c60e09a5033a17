package io.forebay.cli.replay;

import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * One line of an access log; what the log shows as {@code -} is null.
 *
 * @param method null where the request line is not one of HTTP
 * @param path what was asked for, or the whole request line where it is not one of HTTP
 */
record LogLine(
        String ip,
        OffsetDateTime at,
        @Nullable String method,
        String path,
        int status,
        @Nullable Long bytes,
        @Nullable String referrer,
        @Nullable String agent) {}
