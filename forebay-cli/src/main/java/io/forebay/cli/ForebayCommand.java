package io.forebay.cli;

import io.forebay.cli.demo.DemoCommand;
import io.forebay.cli.invalidate.InvalidateCommand;
import io.forebay.cli.logcache.LogCacheCommand;
import io.forebay.cli.replay.ReplayCommand;
import io.forebay.cli.torture.TortureCommand;
import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The root of the commands. */
@Command(
        name = "forebay",
        description = "Durable write-behind buffering for databases.",
        versionProvider = ForebayCommand.Version.class,
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            DemoCommand.class,
            ReplayCommand.class,
            JournalCommand.class,
            DeadLettersCommand.class,
            SchemaCommand.class,
            LogCacheCommand.class,
            InvalidateCommand.class,
            TortureCommand.class
        },
        footer = {
            "",
            "Examples:",
            "  forebay demo                            what Forebay does, in under a minute",
            "  forebay replay access.log.gz            a web log into an H2 file",
            "  forebay COMMAND --help                  options and examples of a command",
            "",
            "Exit codes: 0 done, 1 failed, 2 called in a wrong way."
        })
final class ForebayCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--verbose", scope = ScopeType.INHERIT, description = "Show the stack trace of an error.")
    private boolean verbose;

    boolean isVerbose() {
        return verbose;
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "name a command: demo, replay, journal, dead-letters, schema, log-cache, invalidate or torture");
    }

    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() throws IOException {
            Properties properties = new Properties();
            try (InputStream in = ForebayCommand.class.getResourceAsStream("version.properties")) {
                properties.load(in);
            }
            return new String[] {
                "forebay " + properties.getProperty("version"),
                "Java " + Runtime.version() + " on " + System.getProperty("os.name")
            };
        }
    }
}
