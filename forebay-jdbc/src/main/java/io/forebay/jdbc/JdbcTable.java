package io.forebay.jdbc;

import io.forebay.spi.TableInfo;
import java.util.Map;

/**
 * A table as SQL names it.
 *
 * @param info what an application sees
 * @param sqlName its name, quoted, with its schema
 * @param types name of each column's type, without length, as a cast takes it
 */
record JdbcTable(TableInfo info, String sqlName, Map<String, String> types) {
    JdbcTable {
        types = Map.copyOf(types);
    }
}
