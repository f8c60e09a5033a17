/**
 * Changes in a database, as Debezium tells them, become invalidations of caches: a {@link io.forebay.cdc.ChangeSource} brings
 * records, {@link io.forebay.cdc.event} makes events of them, {@link io.forebay.cdc.rule} says which entries they concern, and
 * {@link io.forebay.cdc.CdcPipeline} tells the cache.
 */
@NullMarked
package io.forebay.cdc;

import org.jspecify.annotations.NullMarked;
