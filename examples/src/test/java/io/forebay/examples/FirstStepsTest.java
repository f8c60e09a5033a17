package io.forebay.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FirstStepsTest {
    @TempDir
    private Path folder;

    @Test
    void each_run_counts_one_view_and_leaves_one_audit_row() throws SQLException {
        JdbcDataSource dataSource = new JdbcDataSource();
        dataSource.setURL("jdbc:h2:file:" + folder.resolve("db") + ";WRITE_DELAY=0");

        assertThat(FirstSteps.run(dataSource, folder.resolve("journal"), "ann")).isEqualTo(1);
        assertThat(FirstSteps.run(dataSource, folder.resolve("journal"), "bob")).isEqualTo(2);

        assertThat(text(dataSource, "SELECT views FROM page_views WHERE path = '/home'"))
                .isEqualTo("2");
        assertThat(text(dataSource, "SELECT listagg(who, ' ') WITHIN GROUP (ORDER BY id) FROM audit"))
                .isEqualTo("ann bob");
    }

    private static String text(JdbcDataSource dataSource, String query) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            result.next();
            return result.getString(1);
        }
    }
}
