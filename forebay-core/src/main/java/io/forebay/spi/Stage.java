package io.forebay.spi;

import java.util.Map;

/**
 * One step of a pending row: mutations that one statement can carry out, whether or not the row exists.
 *
 * @param kind what happens to the row
 * @param columns the changes, by column name in ascending order; without the key columns; empty for a delete
 */
public record Stage(Kind kind, Map<String, ColumnChange> columns) {

    /** What a stage does to its row; the code is its stable number in the journal. */
    public enum Kind {
        /** Changes a row that exists; one that does not falls under the table's missing-row policy. */
        UPDATE(1),
        /** Changes a row that exists; one that does not is inserted, its changes counted from NULL and zero. */
        UPSERT(2),
        /** Inserts a row; one that exists already is a refusal (SQLSTATE 23505). All changes are {@code Set}s. */
        INSERT(3),
        /** Deletes the row; one that does not exist is no error. */
        DELETE(4),
        /** Deletes the row if it exists, then inserts it. All changes are {@code Set}s. */
        REPLACE(5);

        private final byte code;

        Kind(int code) {
            this.code = (byte) code;
        }

        /** The stable number of this kind in the journal. */
        public byte code() {
            return code;
        }
    }
}
