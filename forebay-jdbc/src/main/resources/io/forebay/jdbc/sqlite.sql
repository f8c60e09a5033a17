-- Forebay's own tables for SQLite. Run once per database, or let Forebay create them (createTables() on the builder).

-- Names this database, so that a journal is never replayed into another one. Exactly one row.
CREATE TABLE IF NOT EXISTS forebay_database (
    one_row     integer NOT NULL DEFAULT 1 PRIMARY KEY CHECK (one_row = 1),
    id          text    NOT NULL
);

-- How far each partition of each journal is in this database.
CREATE TABLE IF NOT EXISTS forebay_watermark (
    journal      text    NOT NULL,
    partition_no integer NOT NULL,
    epoch        integer NOT NULL,
    sequence     integer NOT NULL,
    batch        text,
    updated_at   text    NOT NULL,
    PRIMARY KEY (journal, partition_no)
);

-- What the database refused: payload is what Forebay replays, row_key and message are for people.
CREATE TABLE IF NOT EXISTS forebay_dead_letter (
    journal      text    NOT NULL,
    partition_no integer NOT NULL,
    batch        text    NOT NULL,
    ordinal      integer NOT NULL,
    from_sequence integer NOT NULL,
    to_sequence  integer NOT NULL,
    table_name   text    NOT NULL,
    row_key      text,
    payload      blob    NOT NULL,
    state        text    NOT NULL,
    message      text    NOT NULL,
    created_at   text    NOT NULL,
    attempts     integer NOT NULL DEFAULT 1,
    PRIMARY KEY (journal, partition_no, batch, ordinal)
);
