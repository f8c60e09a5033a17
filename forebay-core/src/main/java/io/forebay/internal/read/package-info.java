/** Exact reads: database row and watermark, and the layers newer than it. */
@NullMarked
package io.forebay.internal.read;

import org.jspecify.annotations.NullMarked;
