/** Forebay in front of MongoDB. */
@NullMarked
package io.forebay.mongodb;

import org.jspecify.annotations.NullMarked;
