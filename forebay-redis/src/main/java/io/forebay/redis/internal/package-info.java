/** The one place that knows the Redis client. Not for users. */
@NullMarked
package io.forebay.redis.internal;

import org.jspecify.annotations.NullMarked;
