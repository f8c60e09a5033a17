/**
 * For those who write adapters, or test what they build on Forebay: contracts, and stand-ins for time and disks.
 *
 * <p>Contracts are JUnit tests with AssertJ: whoever extends one has both among the dependencies of their tests. Everything
 * else here needs neither.
 */
@NullMarked
package io.forebay.testkit;

import org.jspecify.annotations.NullMarked;
