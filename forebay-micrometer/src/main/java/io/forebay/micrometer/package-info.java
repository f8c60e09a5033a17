/** Forebay's metrics in a Micrometer registry; docs/metrics.md lists them. */
@NullMarked
package io.forebay.micrometer;

import org.jspecify.annotations.NullMarked;
