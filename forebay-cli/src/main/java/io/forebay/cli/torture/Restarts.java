package io.forebay.cli.torture;

/** How a database is ended and started again. */
interface Restarts {
    /**
     * Ends the database, best without giving it time to say goodbye, and starts it; it need not take connections yet when
     * this returns.
     *
     * @throws io.forebay.cli.CommandFailure if that does not work
     */
    void restart();
}
