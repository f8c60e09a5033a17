package io.forebay.cli;

import io.forebay.spi.DeadLetterStore;
import io.forebay.spi.DeadLetterStore.Entry;
import io.forebay.spi.RowKey;
import java.io.PrintWriter;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Tools for what a database refused. */
@Command(
        name = "dead-letters",
        description = "Show what a database refused, try it again, or throw it away.",
        synopsisSubcommandLabel = "(list | replay | drop)",
        footer = {
            "",
            "Examples:",
            "  forebay dead-letters list   --jdbc-url jdbc:postgresql://localhost/shop --user shop",
            "  forebay dead-letters replay --jdbc-url jdbc:postgresql://localhost/shop --table orders",
            "  forebay dead-letters drop   --jdbc-url jdbc:postgresql://localhost/shop --table orders",
            "  forebay dead-letters list   --mongodb-uri mongodb://localhost/shop"
        })
final class DeadLettersCommand {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss'Z'").withZone(ZoneOffset.UTC);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Command(
            name = "list",
            description = "Show dead letters, the oldest first.",
            footer = {"", "Example:", "  forebay dead-letters list --jdbc-url jdbc:h2:file:/var/lib/shop/db --limit 20"
            })
    int list(
            @Mixin DeadLetterOptions options,
            @Option(
                            names = "--limit",
                            paramLabel = "N",
                            description = "Show no more than N (${DEFAULT-VALUE}).",
                            defaultValue = "100")
                    int limit) {
        try (DeadLetterOptions.Opened opened = options.open()) {
            List<Entry> all = opened.store().list(limit);
            all.forEach(this::print);
            out().println(all.isEmpty() ? "no dead letters" : summary(all.size(), limit));
        }
        return 0;
    }

    @Command(
            name = "replay",
            description =
                    "Try dead letters again, the oldest first; those refused again stay. Exit code 1 if any stays.",
            footer = {
                "",
                "Example:",
                "  forebay dead-letters replay --jdbc-url jdbc:h2:file:/var/lib/shop/db --table orders"
            })
    int replay(
            @Mixin DeadLetterOptions options,
            @Option(names = "--table", paramLabel = "NAME", description = "Only those of this table or collection.")
                    @Nullable
                    String table) {
        try (DeadLetterOptions.Opened opened = options.open()) {
            DeadLetterStore.Replayed result = opened.store().replay(entry -> isOf(table, entry));
            out().printf(
                            "%s applied, %s refused again%n",
                            Figures.count(result.applied()), Figures.count(result.refused()));
            return result.refused() == 0 ? 0 : Main.FAILED;
        }
    }

    @Command(
            name = "drop",
            description = "Throw dead letters away, for ever: those of a table, or all.",
            footer = {
                "",
                "Examples:",
                "  forebay dead-letters drop --jdbc-url jdbc:h2:file:/var/lib/shop/db --table orders",
                "  forebay dead-letters drop --jdbc-url jdbc:h2:file:/var/lib/shop/db --all"
            })
    int drop(
            @Mixin DeadLetterOptions options,
            @Option(names = "--table", paramLabel = "NAME", description = "Only those of this table or collection.")
                    @Nullable
                    String table,
            @Option(names = "--all", description = "Those of all tables.") boolean all) {
        if ((table == null) != all)
            throw new ParameterException(spec.subcommands().get("drop"), "say what to drop: --table NAME, or --all");
        try (DeadLetterOptions.Opened opened = options.open()) {
            int dropped = opened.store().drop(entry -> isOf(table, entry));
            out().println(Figures.of(dropped, "dead letter") + " dropped");
        }
        return 0;
    }

    private static boolean isOf(@Nullable String table, Entry entry) {
        return table == null || table.equalsIgnoreCase(entry.letter().table());
    }

    private void print(Entry entry) {
        RowKey key = entry.letter().key();
        PrintWriter out = out();
        out.printf(
                "%s  %s %s  %s%n",
                TIME.format(entry.created()),
                entry.letter().stage().kind().name().toLowerCase(Locale.ROOT),
                key == null ? entry.letter().table() : key,
                entry.letter().stage().columns().keySet());
        out.printf(
                "    state %s, refused %s: %s%n",
                entry.letter().state(),
                Figures.of(entry.attempts(), "time"),
                entry.letter().message().strip().replaceAll("\\s*\\R\\s*", " "));
    }

    private static String summary(int shown, int limit) {
        return Figures.of(shown, "dead letter") + (shown == limit ? " shown, there may be more (--limit)" : "");
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
