package io.forebay.spi;

import java.util.Optional;
import javax.sql.DataSource;

/** Makes the sink for a data source; found by {@link java.util.ServiceLoader}. */
public interface SinkProvider {
    /**
     * Makes a sink, without asking the database anything yet.
     *
     * @return empty if this provider does not know such data sources
     */
    Optional<Sink> create(DataSource dataSource, SinkSettings settings);
}
