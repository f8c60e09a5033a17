/**
 * Killing a process that writes, again and again, and counting afterwards: {@link io.forebay.testkit.crash.CrashHarness}
 * runs and kills, {@link io.forebay.testkit.crash.CrashChild} is its other end in the killed process,
 * {@link io.forebay.testkit.crash.CrashWorkload} is something to write whose every intermediate state is known.
 *
 * <p>SIGKILL keeps the operating system's page cache: no force at all would pass. What forces are for is the work of
 * {@link io.forebay.testkit.SimulatedDisk}.
 */
@NullMarked
package io.forebay.testkit.crash;

import org.jspecify.annotations.NullMarked;
