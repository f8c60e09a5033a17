package io.forebay.jdbc;

import io.forebay.spi.Column;
import io.forebay.spi.ColumnType;
import io.forebay.spi.SchemaFaultException;
import io.forebay.spi.TableInfo;
import java.util.Map;

/**
 * A table as SQL names it.
 *
 * @param info what an application sees
 * @param sqlName its name, quoted, with its schema
 * @param types name of each column's type, without length, as a cast takes it
 * @param copies whether the database has a bulk form that does to the table what an INSERT does
 */
record JdbcTable(TableInfo info, String sqlName, Map<String, String> types, boolean copies) {
    JdbcTable {
        types = Map.copyOf(types);
    }

    JdbcTable(TableInfo info, String sqlName, Map<String, String> types) {
        this(info, sqlName, types, false);
    }

    /**
     * The type of a column that is written to.
     *
     * @throws SchemaFaultException if there is no such column any more
     */
    ColumnType type(String column) {
        Column found = info.columns().get(column);
        if (found == null) throw missing(column);
        return found.type();
    }

    SchemaFaultException missing(String column) {
        return new SchemaFaultException(info.name() + " has no column " + column + " any more", null);
    }
}
