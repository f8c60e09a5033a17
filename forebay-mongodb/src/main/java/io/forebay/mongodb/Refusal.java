package io.forebay.mongodb;

/**
 * Why the server refused a write.
 *
 * @param state {@code 23505} for a duplicate key, {@code 02000} for a missing document, otherwise the server's own code
 * @param message what the server said
 */
record Refusal(String state, String message) {
    /** State of an update of a document that does not exist. */
    static final Refusal MISSING = new Refusal("02000", "there is no such document");

    /** State of a key that another document has. */
    static final String DUPLICATE = "23505";

    private static final int DUPLICATE_KEY = 11000;
    private static final int TOO_LARGE = 10334;

    static Refusal of(int code, String message) {
        return new Refusal(code == DUPLICATE_KEY ? DUPLICATE : Integer.toString(code), message);
    }

    /** What the server would say, if the driver sent it. */
    static Refusal tooLarge(int bytes, int limit) {
        return of(TOO_LARGE, "a write of %d bytes is too large, at most %d are possible".formatted(bytes, limit));
    }
}
