package io.forebay.jdbc;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** The SQLSTATE of MariaDB's and MySQL's errors by their own numbers: many share HY000 and 23000, drivers disagree. */
final class MariaDbErrors {
    private MariaDbErrors() {}

    static @Nullable String state(SQLException error) {
        return switch (error.getErrorCode()) {
            case 1062, 1169, 1586 -> "23505";
            case 1048, 1364 -> "23502";
            case 1216, 1217, 1451, 1452 -> "23503";
            case 3819, 4025 -> "23514";
            case 1264, 1690 -> "22003";
            case 1265, 4174, 4178 -> "22000"; // data that does not fit the column, or the way there
            case 1366 -> "22018";
            case 1292, 1367, 1411 -> "22007";
            case 1118 -> "54000";
            case 1906, 3105 -> "428C9"; // a generated column
            case 1205 -> "55P03";
            case 1020, 1213 -> "40001";
            case 1021, 1114 -> "53100";
            case 1290, 1792, 1836 -> "25006";
            case 1969, 3024 -> "57014";
            default -> error.getSQLState();
        };
    }
}
