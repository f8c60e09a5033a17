package io.forebay.cdc;

import io.forebay.testservers.MariaDbServer;
import java.util.Map;

/** Settings of Debezium's connector for MySQL. */
public final class MySqlConnector {
    private MySqlConnector() {}

    /**
     * All but its history of the tables' schemas.
     *
     * @param server with a binary log
     */
    public static Map<String, String> reading(MariaDbServer server) {
        return Map.of(
                "connector.class", "io.debezium.connector.mysql.MySqlConnector",
                "database.hostname", server.host(),
                "database.port", Integer.toString(server.port()),
                "database.user", "root",
                "database.password", "",
                "database.server.id", "2",
                "database.ssl.mode", "disabled",
                "database.include.list", "forebay");
    }
}
