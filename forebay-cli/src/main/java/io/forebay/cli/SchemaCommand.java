package io.forebay.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints the tables Forebay needs, for migration tools. */
@Command(
        name = "schema",
        description = "Print the SQL that makes Forebay's own tables, for a migration tool.",
        footer = {"", "Examples:", "  forebay schema postgresql | psql shop", "  forebay schema h2 > V7__forebay.sql"})
final class SchemaCommand implements Callable<Integer> {
    enum Dialect {
        postgresql,
        h2
    }

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "DATABASE", description = "${COMPLETION-CANDIDATES}")
    private Dialect dialect = Dialect.h2;

    @Override
    public Integer call() throws IOException {
        String resource = "/io/forebay/jdbc/" + dialect.name().toLowerCase(Locale.ROOT) + ".sql";
        try (InputStream in = SchemaCommand.class.getResourceAsStream(resource)) {
            if (in == null) throw new CommandFailure("this build has no " + resource);
            spec.commandLine().getOut().print(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
        return 0;
    }
}
