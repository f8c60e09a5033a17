package io.forebay.spi;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a sink knows of a table; read once, and kept beside the journal so that writes go on while the database is away.
 *
 * @param name the name the application uses, in the database's spelling, with the schema if one was given
 * @param key names of the primary-key columns, in order; empty if the table has none
 * @param columns every column by name, in the table's order
 * @param references names of the tables this one's foreign keys point to, without itself
 */
public record TableInfo(String name, List<String> key, Map<String, Column> columns, List<String> references) {
    public TableInfo {
        key = List.copyOf(key);
        references = List.copyOf(references);
        columns = Collections.unmodifiableMap(new LinkedHashMap<>(columns));
    }
}
