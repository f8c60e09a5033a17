package io.forebay.spi;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a sink knows of a table or collection; read once, and kept beside the journal so that writes go on while the database is away.
 *
 * @param name the name the application uses, in the database's spelling, with the schema if one was given
 * @param key names of the primary-key columns, in order; empty if the table has none
 * @param columns every column by name, in the table's order
 * @param references names of the tables this one's foreign keys point to, without itself
 */
public record TableInfo(String name, List<String> key, Map<String, Column> columns, List<String> references) {
    /** Name of the key column of a collection. */
    public static final String DOCUMENT_KEY = "_id";

    /** Name of the column that holds a collection's documents. */
    public static final String DOCUMENT = "document";

    public TableInfo {
        key = List.copyOf(key);
        references = List.copyOf(references);
        columns = Collections.unmodifiableMap(new LinkedHashMap<>(columns));
    }

    /**
     * A collection of documents: its key is {@value #DOCUMENT_KEY}, and all the rest is in {@value #DOCUMENT}.
     *
     * @param form name of the {@link DocumentAlgebra} that knows their bytes
     */
    public static TableInfo collection(String name, String form) {
        Map<String, Column> columns = new LinkedHashMap<>();
        columns.put(
                DOCUMENT_KEY,
                new Column(DOCUMENT_KEY, new ColumnType.DocumentKey(form), false, Column.Absent.DATABASE));
        columns.put(DOCUMENT, new Column(DOCUMENT, new ColumnType.Document(form), false, Column.Absent.NULL));
        return new TableInfo(name, List.of(DOCUMENT_KEY), columns, List.of());
    }

    /** Whether its rows are documents. */
    public boolean isCollection() {
        Column column = columns.get(DOCUMENT);
        return column != null && column.type() instanceof ColumnType.Document;
    }
}
