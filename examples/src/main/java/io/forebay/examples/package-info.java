/** Small programs that the documents quote. */
@NullMarked
package io.forebay.examples;

import org.jspecify.annotations.NullMarked;
