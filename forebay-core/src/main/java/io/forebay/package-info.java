/** The API: write to rows, read them exactly, know what is durable. */
@NullMarked
package io.forebay;

import org.jspecify.annotations.NullMarked;
