package io.forebay.cdc.rule;

/** What becomes of the entries a change concerns. */
public enum Mode {
    /** They go; the next reader loads them. */
    INVALIDATE,
    /** The changed row takes their place where the record has all of it; otherwise they go. */
    REFRESH
}
