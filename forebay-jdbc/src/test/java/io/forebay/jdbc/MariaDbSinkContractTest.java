package io.forebay.jdbc;

import io.forebay.spi.Sink;
import io.forebay.spi.SinkSettings;
import io.forebay.testkit.SinkContract;
import io.forebay.testservers.MariaDbServer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** On a real server with durable commits. */
class MariaDbSinkContractTest extends SinkContract {
    static MariaDbServer server;

    @BeforeAll
    static void startServer() {
        server = MariaDbServer.create();
    }

    @AfterAll
    static void endServer() {
        server.close();
    }

    @Override
    protected DataSource dataSource() {
        return server.dataSource();
    }

    @Override
    protected DataSource testersDataSource() {
        return server.dataSource(server.port(), "&sessionVariables=sql_mode='ANSI_QUOTES,STRICT_ALL_TABLES'");
    }

    @Override
    protected DataSource unreachable() {
        return server.dataSource(1, "");
    }

    @Override
    protected Sink createSink(DataSource dataSource, SinkSettings settings) {
        return new JdbcSink(dataSource, settings);
    }

    @Override
    protected String momentType() {
        return "timestamp(6) NULL";
    }

    @Override
    protected String madeKeyType() {
        return "bigint AUTO_INCREMENT PRIMARY KEY";
    }

    @Override
    protected Map<String, String> everyType() {
        Map<String, String> types = Samples.types();
        types.put("single", "float");
        types.put("stamp", "datetime(6)");
        types.put("moment", "timestamp(3) NULL");
        types.put("tiny", "tinyint");
        types.put("middle", "mediumint unsigned");
        types.put("large", "bigint unsigned");
        types.put("long_text", "longtext");
        types.put("content", "varbinary(100)");
        types.put("fixed", "binary(3)");
        types.put("blob", "blob");
        types.put("doc", "json");
        return types;
    }

    @Override
    protected List<Map<String, Object>> everyValue() {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (Map<String, Object> sample : Samples.values()) {
            Map<String, Object> row = new HashMap<>(sample);
            row.computeIfPresent("moment", (name, moment) -> later((Instant) moment));
            row.put("tiny", -128);
            row.put("middle", 16_777_215);
            row.put("large", Long.MAX_VALUE);
            row.put("long_text", "\ud83d\ude00 \"quoted\", {braces} \\ and 'more'\0\n");
            row.put("content", new byte[] {0, 1, -1});
            row.put("fixed", new byte[] {0, 1, -1});
            row.put("blob", new byte[] {0, 1, -1});
            row.put("doc", "{\"a\" : [1,null,\"x\"]}");
            rows.add(row);
        }
        return rows;
    }

    /** A timestamp begins with 1970. */
    private static Instant later(Instant moment) {
        Instant first = Instant.ofEpochSecond(1);
        return moment.isBefore(first) ? first : moment;
    }
}
