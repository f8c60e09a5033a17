/** Measurements, each beside something it is compared with in the same run. */
@NullMarked
package io.forebay.benchmarks;

import org.jspecify.annotations.NullMarked;
