/** The group commit: one cut through all partitions, one frame, one force; and its reverse, recovery. */
@NullMarked
package io.forebay.internal.commit;

import org.jspecify.annotations.NullMarked;
