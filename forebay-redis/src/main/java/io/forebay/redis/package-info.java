/** Forebay on Redis: how to reach one, and a shared state in it. */
@NullMarked
package io.forebay.redis;

import org.jspecify.annotations.NullMarked;
