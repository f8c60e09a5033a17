package io.forebay.cli.replay;

/** A line is not of the format; there may be millions, so there is no stack trace. */
final class MalformedLineException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedLineException(String problem) {
        super(problem, null, false, false);
    }
}
