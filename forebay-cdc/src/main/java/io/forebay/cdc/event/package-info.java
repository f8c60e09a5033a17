/** What a database says has changed: records of any shape become {@link io.forebay.cdc.event.ChangeEvent}s. */
@NullMarked
package io.forebay.cdc.event;

import org.jspecify.annotations.NullMarked;
