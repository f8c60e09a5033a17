package io.forebay.kafka.cache;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The claims of several sources on one key, newest first. Almost always it is one. */
final class Claims {
    private Claims() {}

    /** The value that is seen; null if there is none. */
    static <H> @Nullable Claim<H> seen(List<Claim<H>> claims) {
        return claims.isEmpty() || claims.get(0).value() == null ? null : claims.get(0);
    }

    /** The claims with that of {@code next}'s source replaced by it. */
    static <H> List<Claim<H>> with(List<Claim<H>> claims, Claim<H> next) {
        if (claims.isEmpty()) return List.of(next);
        List<Claim<H>> result = new ArrayList<>(claims.size() + 1);
        for (Claim<H> claim : claims) {
            if (!claim.source().equals(next.source())) result.add(claim);
            else if (claim.outlasts(next)) return claims;
        }
        int at = 0;
        while (at < result.size() && result.get(at).isNewerThan(next)) at++;
        result.add(at, next);
        return List.copyOf(result);
    }

    /** The claims without that of {@code next}'s source. */
    static <H> List<Claim<H>> without(List<Claim<H>> claims, Claim<H> next) {
        return claims.stream()
                .filter(claim -> !claim.source().equals(next.source()) || claim.outlasts(next))
                .toList();
    }
}
