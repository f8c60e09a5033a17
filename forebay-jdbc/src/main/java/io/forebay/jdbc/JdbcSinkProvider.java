package io.forebay.jdbc;

import io.forebay.spi.Sink;
import io.forebay.spi.SinkProvider;
import io.forebay.spi.SinkSettings;
import java.util.Optional;
import javax.sql.DataSource;

/** Makes JDBC sinks; which database it is, is asked at the first connection. */
public final class JdbcSinkProvider implements SinkProvider {
    @Override
    public Optional<Sink> create(DataSource dataSource, SinkSettings settings) {
        return Optional.of(new JdbcSink(dataSource, settings));
    }
}
