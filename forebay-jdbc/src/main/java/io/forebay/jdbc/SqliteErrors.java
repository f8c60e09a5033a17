package io.forebay.jdbc;

import java.sql.SQLException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The SQLSTATE of SQLite's errors, which have none of their own: by primary result code, and by the name in the message. */
final class SqliteErrors {
    /** The driver puts the name of the extended code in front: {@code [SQLITE_CONSTRAINT_UNIQUE] …}. */
    private static final Pattern CONSTRAINT = Pattern.compile("^\\[SQLITE_CONSTRAINT_(\\w+)]");

    private SqliteErrors() {}

    static @Nullable String state(SQLException error) {
        if (error.getSQLState() != null) return error.getSQLState();
        return switch (error.getErrorCode() & 0xff) {
            case 1 -> general(String.valueOf(error.getMessage()));
            case 3, 23 -> "42501"; // PERM, AUTH
            case 5, 6, 15 -> "55P03"; // BUSY, LOCKED, PROTOCOL: who may lock what
            case 7 -> "53200"; // NOMEM
            case 8 -> "25006"; // READONLY
            case 9 -> "57014"; // INTERRUPT
            case 10 -> "58030"; // IOERR
            case 11, 24, 26 -> "XX001"; // CORRUPT, FORMAT, NOTADB
            case 13 -> "53100"; // FULL
            case 14 -> "08001"; // CANTOPEN
            case 17 -> "40001"; // SCHEMA: it changed while the statement was prepared
            case 18 -> "54000"; // TOOBIG
            case 19 -> constraint(String.valueOf(error.getMessage()));
            case 20 -> "22018"; // MISMATCH
            case 25 -> "42000"; // RANGE: a parameter that the statement does not have
            default -> null;
        };
    }

    /** SQLITE_ERROR is what SQLite says of a wrong statement, and of functions that do not like a row. */
    private static String general(String message) {
        if (message.contains("integer overflow")) return "22003";
        if (message.contains("malformed JSON")) return "22032";
        if (message.contains("transaction is active") || message.contains("within a transaction")) return "25000";
        return "42000";
    }

    private static String constraint(String message) {
        Matcher name = CONSTRAINT.matcher(message);
        return switch (name.find() ? name.group(1) : "") {
            case "UNIQUE", "PRIMARYKEY", "ROWID" -> "23505";
            case "NOTNULL" -> "23502";
            case "FOREIGNKEY" -> "23503";
            case "CHECK" -> "23514";
            case "DATATYPE" -> "22018"; // of a STRICT table
            case "TRIGGER" -> "45000";
            default -> "23000";
        };
    }
}
