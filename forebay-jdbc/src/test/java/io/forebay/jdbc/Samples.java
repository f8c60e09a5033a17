package io.forebay.jdbc;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** A column of every type the two databases share, and values at the edges. */
final class Samples {
    private Samples() {}

    static Map<String, String> types() {
        Map<String, String> types = new LinkedHashMap<>();
        types.put("small", "smallint");
        types.put("whole", "integer");
        types.put("big", "bigint");
        types.put("price", "numeric(10,3)");
        types.put("single", "real");
        types.put("dbl", "double precision");
        types.put("flag", "boolean");
        types.put("short_text", "varchar(12)");
        types.put("padded", "char(6)");
        types.put("day", "date");
        types.put("clock", "time(3)");
        types.put("stamp", "timestamp(6)");
        types.put("moment", "timestamp(3) with time zone");
        types.put("uid", "uuid");
        return types;
    }

    static List<Map<String, Object>> values() {
        Map<String, Object> plain = new HashMap<>(Map.of(
                "small",
                7,
                "whole",
                -8,
                "big",
                9L,
                "price",
                new BigDecimal("12.5"),
                "single",
                0.1,
                "dbl",
                0.1,
                "flag",
                true,
                "short_text",
                "plain"));
        plain.putAll(Map.of(
                "padded", "ab",
                "day", LocalDate.of(2026, 11, 21),
                "clock", LocalTime.of(12, 34, 56, 789_654_321),
                "stamp", LocalDateTime.of(2026, 11, 21, 12, 34, 56, 789_654_321),
                "moment", Instant.parse("2026-11-21T12:34:56.789654Z"),
                "uid", UUID.fromString("00000000-0000-0000-0000-00000000000a")));
        Map<String, Object> edges = new HashMap<>(Map.of(
                "small", Short.MIN_VALUE,
                "whole", Integer.MAX_VALUE,
                "big", Long.MIN_VALUE,
                "price", new BigDecimal("-9999999.999"),
                "single", Float.MAX_VALUE,
                "dbl", Double.MIN_VALUE,
                "flag", false,
                "short_text", "{\"ü\\,'\u20ac}"));
        edges.putAll(Map.of(
                "padded",
                "NULL",
                "day",
                LocalDate.of(1, 1, 1),
                "clock",
                LocalTime.MIDNIGHT,
                "stamp",
                LocalDateTime.of(9999, 12, 31, 23, 59, 59),
                "moment",
                Instant.parse("0001-01-01T00:00:00Z"),
                "uid",
                new UUID(-1, -1)));
        return List.of(plain, edges);
    }
}
