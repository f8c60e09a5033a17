package io.forebay.spi;

import java.time.Duration;

/**
 * What a {@link SinkProvider} is told.
 *
 * @param flushTimeout how long one statement of a flush may take
 * @param createTables whether missing tables of Forebay's own are created
 */
public record SinkSettings(Duration flushTimeout, boolean createTables) {}
