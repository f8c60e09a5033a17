/** Write-behind for events that are not rows: collected, and handed to a function in batches. */
@NullMarked
package io.forebay.batch;

import org.jspecify.annotations.NullMarked;
