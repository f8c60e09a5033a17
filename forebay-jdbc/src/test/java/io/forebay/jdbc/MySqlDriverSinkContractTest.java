package io.forebay.jdbc;

import com.mysql.cj.jdbc.MysqlDataSource;
import javax.sql.DataSource;

/** MySQL's driver on MariaDB. No MySQL server comes as a package, so that this is what is known of it. */
final class MySqlDriverSinkContractTest extends MariaDbSinkContractTest {
    @Override
    protected DataSource dataSource() {
        return mysql(server.port());
    }

    @Override
    protected DataSource unreachable() {
        return mysql(1);
    }

    private static DataSource mysql(int port) {
        MysqlDataSource dataSource = new MysqlDataSource();
        dataSource.setUrl("jdbc:mysql://" + server.host() + ":" + port + "/forebay?user=root");
        return dataSource;
    }
}
