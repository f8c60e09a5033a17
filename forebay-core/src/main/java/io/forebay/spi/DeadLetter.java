package io.forebay.spi;

import org.jspecify.annotations.Nullable;

/**
 * A mutation the database refused for what it is.
 *
 * @param ordinal its number within the batch, from 0
 * @param table name of the table
 * @param key which row; null for an insert without a key
 * @param stage what was refused; for an insert without a key an {@link Stage.Kind#INSERT} of its values
 * @param state SQLSTATE, or the sink's own code ({@code 02000}: the row does not exist)
 * @param message what the database said
 */
public record DeadLetter(
        int ordinal, String table, @Nullable RowKey key, Stage stage, String state, String message) {}
