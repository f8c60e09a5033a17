package io.forebay.jdbc;

/** What an error of the database means for the batch that met it. */
enum ErrorKind {
    /** The row is refused for what it is: classes 22, 23 and kin. */
    DATA,
    /** The tables do not fit what is written to them: a person must look. */
    SCHEMA,
    /** The database cannot do it now. */
    TRANSIENT
}
