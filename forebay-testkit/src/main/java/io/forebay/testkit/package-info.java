/** For those who write adapters, or test what they build on Forebay: contracts, and stand-ins for time and disks. */
@NullMarked
package io.forebay.testkit;

import org.jspecify.annotations.NullMarked;
