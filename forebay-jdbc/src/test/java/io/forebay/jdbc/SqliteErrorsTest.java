package io.forebay.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SqliteErrorsTest {
    private final SqlErrors errors = new SqliteDialect().errors();

    @ParameterizedTest
    @CsvSource({
        "1, no such table: x, 42000, SCHEMA",
        "1, integer overflow, 22003, DATA",
        "1, malformed JSON, 22032, DATA",
        "1, cannot rollback - no transaction is active, 25000, TRANSIENT",
        "3, [SQLITE_PERM], 42501, SCHEMA",
        "5, [SQLITE_BUSY], 55P03, TRANSIENT",
        "517, [SQLITE_BUSY_SNAPSHOT], 55P03, TRANSIENT",
        "6, [SQLITE_LOCKED], 55P03, TRANSIENT",
        "7, [SQLITE_NOMEM], 53200, TRANSIENT",
        "8, [SQLITE_READONLY], 25006, TRANSIENT",
        "9, [SQLITE_INTERRUPT], 57014, TRANSIENT",
        "10, [SQLITE_IOERR], 58030, TRANSIENT",
        "11, [SQLITE_CORRUPT], XX001, SCHEMA",
        "13, [SQLITE_FULL], 53100, TRANSIENT",
        "14, [SQLITE_CANTOPEN], 08001, TRANSIENT",
        "15, [SQLITE_PROTOCOL], 55P03, TRANSIENT",
        "17, [SQLITE_SCHEMA], 40001, TRANSIENT",
        "18, [SQLITE_TOOBIG], 54000, DATA",
        "19, [SQLITE_CONSTRAINT_UNIQUE] …, 23505, DATA",
        "19, [SQLITE_CONSTRAINT_PRIMARYKEY] …, 23505, DATA",
        "19, [SQLITE_CONSTRAINT_NOTNULL] …, 23502, DATA",
        "19, [SQLITE_CONSTRAINT_FOREIGNKEY] …, 23503, DATA",
        "19, [SQLITE_CONSTRAINT_CHECK] …, 23514, DATA",
        "19, [SQLITE_CONSTRAINT_DATATYPE] …, 22018, DATA",
        "19, [SQLITE_CONSTRAINT_TRIGGER] …, 45000, DATA",
        "19, [SQLITE_CONSTRAINT] …, 23000, DATA",
        "20, [SQLITE_MISMATCH], 22018, DATA",
        "25, [SQLITE_RANGE], 42000, SCHEMA",
        "26, [SQLITE_NOTADB], XX001, SCHEMA",
        "0, the database has been closed, HY000, TRANSIENT"
    })
    void a_code_says_what_the_error_means(int code, String message, String state, ErrorKind kind) {
        SQLException error = new SQLException(message, null, code);

        assertThat(errors.state(error)).isEqualTo(state);
        assertThat(errors.kind(error)).isEqualTo(kind);
    }
}
