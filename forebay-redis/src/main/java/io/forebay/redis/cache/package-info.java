/** A cache in two levels, near and in Redis, in which nothing that was loaded before an invalidation is served after it. */
@NullMarked
package io.forebay.redis.cache;

import org.jspecify.annotations.NullMarked;
