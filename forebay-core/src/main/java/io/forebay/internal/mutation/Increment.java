package io.forebay.internal.mutation;

import io.forebay.spi.RowKey;
import io.forebay.spi.Stage;
import io.forebay.spi.TableDefinition;

/**
 * One addition to one whole-number column of a row: the commonest write, kept apart from {@link Mutation} so that a hot
 * counter costs an addition and not a merge.
 *
 * @param kind what happens if the row does not exist: {@code UPDATE} or {@code UPSERT}
 * @param column the column's canonical name
 */
public record Increment(TableDefinition table, RowKey key, Stage.Kind kind, String column, long delta) {}
