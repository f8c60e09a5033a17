/** Mutations and values as bytes: tagged, versioned, documented in docs/journal-format.md. */
@NullMarked
package io.forebay.internal.codec;

import org.jspecify.annotations.NullMarked;
