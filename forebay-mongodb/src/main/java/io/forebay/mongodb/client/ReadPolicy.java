package io.forebay.mongodb.client;

/** What reads of buffered collections see of writes that are still pending. */
public enum ReadPolicy {
    /**
     * All of them: a read by {@code _id} lays what is pending over what the server holds, any other query, aggregation or
     * count flushes first. The default.
     */
    READ_YOUR_WRITES,
    /** A read by {@code _id} as above; everything else goes to the server as it is and may lack what is pending. */
    EVENTUAL,
    /** Every read goes to the server as it is and may lack what is pending. */
    UNBUFFERED
}
