package io.forebay.spi;

import java.util.List;

/**
 * What became of a batch whose watermark the database now holds.
 *
 * @param alreadyApplied whether an earlier attempt had committed it, so that this one changed nothing
 * @param deadLetters what was refused; known for an earlier attempt too
 * @param ignored updates of missing rows dropped by {@link io.forebay.MissingRow#IGNORE}; 0 for an earlier attempt
 * @param statements number of statements sent
 */
public record BatchResult(boolean alreadyApplied, List<DeadLetter> deadLetters, int ignored, int statements) {
    public BatchResult {
        deadLetters = List.copyOf(deadLetters);
    }
}
