/** Windows, pending rows, sealed batches, the overlay, and the budget that bounds them. */
@NullMarked
package io.forebay.internal.pending;

import org.jspecify.annotations.NullMarked;
