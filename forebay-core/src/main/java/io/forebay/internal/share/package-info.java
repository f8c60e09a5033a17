/** A buffer that several processes share: what goes to their journal, what comes back to be flushed. */
@NullMarked
package io.forebay.internal.share;

import org.jspecify.annotations.NullMarked;
