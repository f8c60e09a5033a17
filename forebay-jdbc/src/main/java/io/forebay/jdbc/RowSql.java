package io.forebay.jdbc;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** The text of statements that carry one row each, for databases in the same process: there a statement costs no round trip. */
record RowSql(Dialect dialect, JdbcTable table) {
    /** Takes the values of the key. */
    String select(String selected) {
        return "SELECT " + selected + " FROM " + table.sqlName() + " WHERE " + keyMatch();
    }

    /** Takes what the assignments take, then the values of the key. */
    String update(String verb, String assignments) {
        return verb + " " + table.sqlName() + " SET " + assignments + " WHERE " + keyMatch();
    }

    /** Takes the values of the key. */
    String delete() {
        return "DELETE FROM " + table.sqlName() + " WHERE " + keyMatch();
    }

    /**
     * Takes the values of the key, but for an append, then one for each target.
     *
     * @param value a parameter that is written to the column
     */
    String insert(String verb, Shape shape, UnaryOperator<String> value) {
        List<String> columns = new ArrayList<>();
        if (shape.operation() != Shape.Operation.APPEND)
            columns.addAll(table.info().key());
        shape.targets().forEach(target -> columns.add(target.column()));
        String into = verb + " INTO " + table.sqlName();
        if (columns.isEmpty()) return into + " DEFAULT VALUES";
        return into + " (" + columns.stream().map(dialect::quote).collect(Collectors.joining(", ")) + ") VALUES ("
                + columns.stream().map(value).collect(Collectors.joining(", ")) + ")";
    }

    private String keyMatch() {
        return table.info().key().stream()
                .map(column -> dialect.quote(column) + " = " + dialect.parameter(table, column))
                .collect(Collectors.joining(" AND "));
    }
}
