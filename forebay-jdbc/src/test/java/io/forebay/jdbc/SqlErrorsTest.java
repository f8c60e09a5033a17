package io.forebay.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.forebay.spi.SchemaFaultException;
import io.forebay.spi.TransientSinkException;
import java.io.IOException;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SqlErrorsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "22001", "22003", "22021", "22P02", "23502", "23503", "23505", "23514", "44000", "45000", "P0001",
                "54000"
            })
    void what_a_row_is_refused_for_is_a_data_error(String state) {
        assertThat(SqlErrors.STANDARD.kind(error(state))).isEqualTo(ErrorKind.DATA);
    }

    @ParameterizedTest
    @ValueSource(strings = {"42703", "42P01", "42804", "42501", "42S02", "42S22", "3F000", "21000"})
    void what_no_row_of_the_table_can_help_is_a_schema_fault(String state) {
        assertThat(SqlErrors.STANDARD.kind(error(state))).isEqualTo(ErrorKind.SCHEMA);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "08006", "08001", "40001", "40P01", "53100", "53300", "55P03", "57014", "57P01", "25006", "25P02",
                "58030", "HYT00", "HY000", "28P01", "26000", "42P05", "XX000", "90098", "99999"
            })
    void everything_else_may_pass_later(String state) {
        assertThat(SqlErrors.STANDARD.kind(error(state))).isEqualTo(ErrorKind.TRANSIENT);
    }

    @Test
    void an_error_without_a_state_may_pass_later() {
        assertThat(SqlErrors.STANDARD.kind(new SQLTimeoutException("slow"))).isEqualTo(ErrorKind.TRANSIENT);
    }

    @Test
    void the_first_error_of_a_batch_is_found_behind_the_batchs_own() {
        BatchUpdateException batch = new BatchUpdateException("batch entry 3", null, 0, new int[0]);
        batch.setNextException(error("23505"));

        assertThat(SqlErrors.STANDARD.kind(batch)).isEqualTo(ErrorKind.DATA);
        assertThat(SqlErrors.STANDARD.state(batch)).isEqualTo("23505");
        assertThat(SqlErrors.STANDARD.message(batch)).isEqualTo("error 23505");
    }

    /** Rule D3: a deadlock has rolled everything back, whatever the batch met afterwards. */
    @Test
    void a_deadlock_among_refusals_decides() {
        BatchUpdateException batch = new BatchUpdateException("batch", "23505", 0, new int[0]);
        batch.setNextException(error("23505"));
        batch.getNextException().setNextException(error("40001"));

        assertThat(SqlErrors.STANDARD.kind(batch)).isEqualTo(ErrorKind.TRANSIENT);
        assertThat(SqlErrors.STANDARD.state(batch)).isEqualTo("40001");
    }

    @Test
    void a_cause_counts_and_a_circle_of_causes_ends() {
        SQLException outer = new SQLException("outer", (String) null);
        SQLException inner = error("42703");
        outer.initCause(new IOException(inner));
        inner.setNextException(outer);

        assertThat(SqlErrors.STANDARD.kind(outer)).isEqualTo(ErrorKind.SCHEMA);
    }

    @Test
    void a_data_error_outside_of_a_row_is_a_schema_fault_and_keeps_its_cause() {
        SQLException error = error("23514");

        assertThat(SqlErrors.STANDARD.translate("committing", error))
                .isInstanceOf(SchemaFaultException.class)
                .hasMessage("committing: error 23514 (SQLSTATE 23514)")
                .hasCause(error);
        assertThat(SqlErrors.STANDARD.translate("committing", error("08006")))
                .isInstanceOf(TransientSinkException.class);
    }

    private static SQLException error(String state) {
        return new SQLException("error " + state, state);
    }
}
