package io.forebay.cdc;

/** What is invalidated by itself: an entry, the entries of a tag, those of a prefix, or all of them. */
record Target(Kind kind, String name) {
    enum Kind {
        KEY,
        TAG,
        PREFIX,
        EVERYTHING
    }

    static final Target EVERYTHING = new Target(Kind.EVERYTHING, "");
}
