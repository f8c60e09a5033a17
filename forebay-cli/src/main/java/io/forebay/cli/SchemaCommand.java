package io.forebay.cli;

import io.forebay.jdbc.ForebayTables;
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
        mariadb,
        mysql,
        h2,
        sqlite
    }

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "DATABASE", description = "${COMPLETION-CANDIDATES}")
    private Dialect dialect = Dialect.h2;

    @Override
    public Integer call() {
        spec.commandLine().getOut().print(ForebayTables.ddl(dialect.name()));
        return 0;
    }
}
