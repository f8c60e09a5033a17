package io.forebay.testkit;

import io.forebay.spi.Column;
import io.forebay.spi.ColumnType;
import io.forebay.spi.TableInfo;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tables that tests of this module share. */
final class Tables {
    private static final ColumnType WHOLE = new ColumnType.Whole(Long.MIN_VALUE, Long.MAX_VALUE);
    private static final ColumnType TEXT = new ColumnType.Text(0, false, true, "");

    /** A counter table: {@code id}, {@code hits} with default 0, {@code seen}, {@code score}, {@code note}. */
    static final TableInfo PAGES = table("pages");

    /** The same columns under another name. */
    static final TableInfo USERS = table("users");

    /** A log without a key. */
    static final TableInfo AUDIT = new TableInfo(
            "audit", List.of(), Map.of("what", new Column("what", TEXT, true, Column.Absent.NULL)), List.of());

    private Tables() {}

    private static TableInfo table(String name) {
        Map<String, Column> columns = new LinkedHashMap<>();
        columns.put("id", new Column("id", WHOLE, false, Column.Absent.NULL));
        columns.put("hits", new Column("hits", WHOLE, true, Column.Absent.ZERO));
        columns.put("seen", new Column("seen", WHOLE, true, Column.Absent.NULL));
        columns.put("score", new Column("score", WHOLE, true, Column.Absent.NULL));
        columns.put("note", new Column("note", TEXT, true, Column.Absent.NULL));
        return new TableInfo(name, List.of("id"), columns, List.of());
    }

    static MemorySink sink() {
        return new MemorySink().create(PAGES).create(USERS).create(AUDIT);
    }
}
