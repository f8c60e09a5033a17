package io.forebay.jdbc;

import io.forebay.spi.Sink;
import io.forebay.spi.SinkSettings;
import io.forebay.testkit.SinkContract;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;

/** The contract with the columns that every database has, and those of its own. */
abstract class JdbcSinkContract extends SinkContract {
    /** Types that only this database has, or that it writes in its own way. */
    abstract Map<String, String> ownTypes();

    /** Gives the columns of {@link #ownTypes} their values, in a row that has all the others. */
    abstract void addOwnValues(Map<String, Object> row);

    @Override
    protected final Sink createSink(DataSource dataSource, SinkSettings settings) {
        return new JdbcSink(dataSource, settings);
    }

    @Override
    protected final Map<String, String> everyType() {
        Map<String, String> types = Samples.types();
        types.putAll(ownTypes());
        return types;
    }

    @Override
    protected final List<Map<String, Object>> everyValue() {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (Map<String, Object> sample : Samples.values()) {
            Map<String, Object> row = new HashMap<>(sample);
            addOwnValues(row);
            rows.add(row);
        }
        return rows;
    }
}
