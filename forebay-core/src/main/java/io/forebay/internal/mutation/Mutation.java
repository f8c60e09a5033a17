package io.forebay.internal.mutation;

import io.forebay.spi.RowKey;
import io.forebay.spi.Stage;
import io.forebay.spi.TableDefinition;

/**
 * One write to one row.
 *
 * @param table where
 * @param key which row
 * @param stage what to do
 */
public record Mutation(TableDefinition table, RowKey key, Stage stage) {}
