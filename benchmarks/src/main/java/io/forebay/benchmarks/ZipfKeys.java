package io.forebay.benchmarks;

import java.util.Arrays;
import java.util.Random;

/** Keys with a Zipf distribution: key k is drawn with a probability proportional to 1 / (k + 1)^exponent. */
public final class ZipfKeys {
    private ZipfKeys() {}

    /** {@code length} keys from 0 to {@code keys} − 1; the same for the same seed. */
    public static int[] sequence(int length, int keys, double exponent, long seed) {
        double[] cumulative = new double[keys];
        double sum = 0;
        for (int key = 0; key < keys; key++) cumulative[key] = sum += 1 / Math.pow(key + 1, exponent);

        Random random = new Random(seed);
        int[] drawn = new int[length];
        for (int i = 0; i < length; i++) {
            int at = Arrays.binarySearch(cumulative, random.nextDouble() * sum);
            drawn[i] = Math.min(keys - 1, at < 0 ? -at - 1 : at);
        }
        return drawn;
    }
}
