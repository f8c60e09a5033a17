/** Triggers, the turn, retry and what becomes of a batch. */
@NullMarked
package io.forebay.internal.flush;

import org.jspecify.annotations.NullMarked;
