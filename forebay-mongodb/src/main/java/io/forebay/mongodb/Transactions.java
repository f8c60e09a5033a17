package io.forebay.mongodb;

/** Whether batches are flushed in transactions. */
public enum Transactions {
    /** In transactions where the server has them, otherwise by intent and fence; the default. */
    WHERE_POSSIBLE,
    /** Always; a server without them is refused at the start. */
    REQUIRED,
    /** Never: by intent and fence everywhere. */
    NEVER
}
