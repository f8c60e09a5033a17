package io.forebay.internal;

import io.forebay.MissingRow;
import io.forebay.spi.Column;
import io.forebay.spi.Column.Absent;
import io.forebay.spi.ColumnType;
import io.forebay.spi.TableDefinition;
import io.forebay.spi.TableInfo;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tables that tests share. */
public final class TestTables {
    /** Any whole number a long can hold. */
    public static final ColumnType WHOLE = new ColumnType.Whole(Long.MIN_VALUE, Long.MAX_VALUE);

    private TestTables() {}

    /** A table with the key {@code id} and these columns. */
    public static TableInfo info(String name, Column... columns) {
        Map<String, Column> byName = new LinkedHashMap<>();
        byName.put("id", new Column("id", WHOLE, false, Absent.NULL));
        for (Column column : columns) byName.put(column.name(), column);
        return new TableInfo(name, List.of("id"), byName, List.of());
    }

    /** A nullable column. */
    public static Column column(String name, ColumnType type, Absent absent) {
        return new Column(name, type, true, absent);
    }

    /** A definition without a routing group. */
    public static TableDefinition definition(TableInfo info, MissingRow missingRow) {
        return new TableDefinition(info, missingRow, null, null, false);
    }

    /** {@code views} and {@code likes}, whole numbers without a default, in {@code pages}. */
    public static TableDefinition pages() {
        return definition(
                info("pages", column("views", WHOLE, Absent.NULL), column("likes", WHOLE, Absent.NULL)),
                MissingRow.INSERT);
    }
}
