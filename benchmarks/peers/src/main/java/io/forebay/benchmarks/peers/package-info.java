/** Write-behind of other products, and of Forebay, on one workload with one database. */
@NullMarked
package io.forebay.benchmarks.peers;

import org.jspecify.annotations.NullMarked;
