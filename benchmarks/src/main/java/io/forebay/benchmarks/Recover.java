package io.forebay.benchmarks;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A start after a crash: every row in the journal is another one, none is in the database. Beside it, the same files read and
 * checked with CRC32C, and nothing done with what they hold.
 */
final class Recover {
    private final boolean quick;
    private final Results results = new Results("recover");

    Recover(boolean quick) {
        this.quick = quick;
    }

    void run() {
        int rows = quick ? 200_000 : 2_000_000;
        MarkdownTable table = new MarkdownTable("", "entries/s", "ratio", "spread");
        Path journal = Folders.create();
        try {
            Fork.run(RecoverChild.class, List.of(), List.of("write", journal.toString(), Integer.toString(rows), "0"));
            Map<String, Figures> figures = Fork.run(
                    RecoverChild.class,
                    List.of("-Xmx6g"),
                    List.of("replay", journal.toString(), Integer.toString(rows), quick ? "2" : "5"));
            double bare = figures.get(RecoverChild.BARE).median();
            figures.forEach((name, figure) -> {
                results.add(name, "entries/s", figure);
                table.row(
                        name,
                        MarkdownTable.count(figure.median()),
                        MarkdownTable.ratio(figure.median() / bare),
                        figure.spread());
            });
        } finally {
            Folders.delete(journal);
        }
        System.out.println("### Replay of " + MarkdownTable.exact(rows) + " rows, each once in the journal\n");
        System.out.println(table);
        if (!quick) results.write();
    }
}
