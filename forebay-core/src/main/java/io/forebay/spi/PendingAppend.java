package io.forebay.spi;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A row to insert whose key the database makes, or whose table has none: an audit log. Never merged with another.
 *
 * @param table name of the table, see {@link TableInfo#name()}
 * @param columns its values by column name, ascending
 */
public record PendingAppend(String table, Map<String, @Nullable Object> columns) {}
