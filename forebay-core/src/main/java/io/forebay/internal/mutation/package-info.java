/** The merge algebra: pure functions over stages. */
@NullMarked
package io.forebay.internal.mutation;

import org.jspecify.annotations.NullMarked;
