package io.forebay.testkit;

import io.forebay.spi.ColumnChange;
import io.forebay.spi.Stage;
import java.util.Map;
import java.util.TreeMap;

/** Stages as a caller's writes make them. */
final class Stages {
    private Stages() {}

    static Stage add(Stage.Kind kind, String column, long delta) {
        return new Stage(kind, Map.of(column, new ColumnChange.Add(delta)));
    }

    static Stage max(Stage.Kind kind, String column, long value) {
        return new Stage(kind, Map.of(column, new ColumnChange.Max(value)));
    }

    static Stage min(Stage.Kind kind, String column, long value) {
        return new Stage(kind, Map.of(column, new ColumnChange.Min(value)));
    }

    static Stage sets(Stage.Kind kind, Map<String, Object> values) {
        Map<String, ColumnChange> changes = new TreeMap<>();
        values.forEach((column, value) -> changes.put(column, new ColumnChange.Set(value)));
        return new Stage(kind, changes);
    }
}
