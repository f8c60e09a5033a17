/** The only place that owns threads: runners, watchdog, close. */
@NullMarked
package io.forebay.internal.lifecycle;

import org.jspecify.annotations.NullMarked;
