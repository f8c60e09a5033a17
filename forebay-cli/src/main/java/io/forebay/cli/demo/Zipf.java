package io.forebay.cli.demo;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/** Numbers from 0 on, the small ones far more often: what a web site's pages get. */
final class Zipf {
    private final double[] cumulative;

    Zipf(int size, double exponent) {
        cumulative = new double[size];
        double sum = 0;
        for (int i = 0; i < size; i++) cumulative[i] = sum += Math.pow(i + 1.0, -exponent);
    }

    int next(RandomGenerator random) {
        double point = random.nextDouble() * cumulative[cumulative.length - 1];
        int at = Arrays.binarySearch(cumulative, point);
        return Math.min(at < 0 ? -at - 1 : at, cumulative.length - 1);
    }
}
