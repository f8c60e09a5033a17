/** Mutations as bytes, for those who store them elsewhere: dead letters, topics, other languages. */
@NullMarked
package io.forebay.codec;

import org.jspecify.annotations.NullMarked;
