package io.forebay.jdbc;

import io.forebay.spi.Sink;
import io.forebay.spi.SinkSettings;
import io.forebay.testkit.SinkContract;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/** On a file, with a rollback journal. */
class SqliteSinkContractTest extends SinkContract {
    @TempDir
    static Path folder;

    @Override
    protected DataSource dataSource() {
        return dataSource(folder.resolve("test"), config());
    }

    /** Foreign keys count, as in every other database. */
    static SQLiteConfig config() {
        SQLiteConfig config = new SQLiteConfig();
        config.enforceForeignKeys(true);
        return config;
    }

    static SQLiteDataSource dataSource(Path file, SQLiteConfig config) {
        SQLiteDataSource dataSource = new SQLiteDataSource(config);
        dataSource.setUrl("jdbc:sqlite:" + file);
        return dataSource;
    }

    @Override
    protected DataSource unreachable() {
        return dataSource(folder.resolve("nowhere/test"), config());
    }

    @Override
    protected Sink createSink(DataSource dataSource, SinkSettings settings) {
        return new JdbcSink(dataSource, settings);
    }

    @Override
    protected String integerType() {
        return "int4";
    }

    @Override
    protected String momentType() {
        return "timestamptz(6)";
    }

    @Override
    protected String madeKeyType() {
        return "integer PRIMARY KEY";
    }

    @Override
    protected Map<String, String> everyType() {
        Map<String, String> types = Samples.types();
        types.put("moment", "timestamp with time zone(3)");
        types.put("tiny", "tinyint");
        types.put("middle", "mediumint");
        types.put("large", "integer");
        types.put("eighteen", "decimal(18)");
        types.put("fifteen", "decimal(15,4)");
        types.put("long_text", "text");
        types.put("content", "varbinary(100)");
        types.put("blob", "blob");
        types.put("plain_stamp", "datetime");
        return types;
    }

    @Override
    protected List<Map<String, Object>> everyValue() {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (Map<String, Object> sample : Samples.values()) {
            Map<String, Object> row = new HashMap<>(sample);
            row.put("tiny", -128);
            row.put("middle", 8_388_607);
            row.put("large", Long.MAX_VALUE);
            row.put("eighteen", new java.math.BigDecimal("-999999999999999999"));
            row.put("fifteen", new java.math.BigDecimal("12345678901.2345"));
            row.put("long_text", "long\0text");
            row.put("content", new byte[] {0, 1, -1});
            row.put("blob", new byte[] {0, 1, -1});
            row.put("plain_stamp", java.time.LocalDateTime.of(2026, 11, 21, 0, 0, 0, 1_000));
            rows.add(row);
        }
        return rows;
    }
}
