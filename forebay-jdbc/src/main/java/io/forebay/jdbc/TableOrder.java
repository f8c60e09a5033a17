package io.forebay.jdbc;

import io.forebay.spi.TableInfo;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Tables in the order in which they are written: parents first, ties by name, cycles broken by name. */
final class TableOrder {
    private final Map<String, Integer> ranks = new HashMap<>();

    TableOrder(Collection<TableInfo> tables) {
        TreeMap<String, List<String>> waiting = new TreeMap<>();
        for (TableInfo table : tables) waiting.put(table.name(), table.references());
        while (!waiting.isEmpty()) {
            String next = waiting.keySet().stream()
                    .filter(it -> waiting.getOrDefault(it, List.of()).stream().noneMatch(waiting::containsKey))
                    .findFirst()
                    .orElseGet(waiting::firstKey);
            ranks.put(next, ranks.size());
            waiting.remove(next);
        }
    }

    /** Position of a table, parents lower than children. */
    int rank(String table) {
        return ranks.getOrDefault(table, ranks.size());
    }
}
