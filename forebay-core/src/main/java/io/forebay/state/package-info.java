/** State that several threads, or several processes, share: values, counters, hashes, lists, sets, leases and messages. */
@NullMarked
package io.forebay.state;

import org.jspecify.annotations.NullMarked;
