-- Forebay's own tables for H2. Run once per database, or let Forebay create them (createTables() on the builder).

-- Names this database, so that a journal is never replayed into another one. Exactly one row.
CREATE TABLE IF NOT EXISTS forebay_database (
    one_row     integer      NOT NULL DEFAULT 1 PRIMARY KEY CHECK (one_row = 1),
    id          varchar(36)  NOT NULL
);

-- How far each partition of each journal is in this database.
CREATE TABLE IF NOT EXISTS forebay_watermark (
    journal      varchar(36) NOT NULL,
    partition_no integer     NOT NULL,
    epoch        bigint      NOT NULL,
    sequence     bigint      NOT NULL,
    batch        varchar(36),
    updated_at   timestamp with time zone NOT NULL,
    PRIMARY KEY (journal, partition_no)
);

-- What the database refused: payload is what Forebay replays, row_key and message are for people.
CREATE TABLE IF NOT EXISTS forebay_dead_letter (
    journal      varchar(36) NOT NULL,
    partition_no integer     NOT NULL,
    batch        varchar(36) NOT NULL,
    ordinal      integer     NOT NULL,
    from_sequence bigint NOT NULL,
    to_sequence  bigint NOT NULL,
    table_name   character varying NOT NULL,
    row_key      character varying,
    payload      binary varying NOT NULL,
    state        varchar(5)  NOT NULL,
    message      character varying NOT NULL,
    created_at   timestamp with time zone NOT NULL,
    attempts     integer     NOT NULL DEFAULT 1,
    PRIMARY KEY (journal, partition_no, batch, ordinal)
);
