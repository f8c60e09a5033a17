package io.forebay.cli;

import io.forebay.internal.journal.FileDisk;
import io.forebay.internal.journal.FrameKind;
import io.forebay.internal.journal.JournalInspector;
import io.forebay.internal.journal.JournalInspector.FrameReport;
import io.forebay.internal.journal.JournalInspector.Report;
import io.forebay.internal.journal.JournalInspector.SegmentReport;
import io.forebay.internal.journal.JournalRepair;
import io.forebay.internal.journal.Manifest;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Tools for journal directories. */
@Command(
        name = "journal",
        description = "Look at a journal, check it, or cut it at its first damage.",
        synopsisSubcommandLabel = "(inspect | verify | repair)",
        footer = {
            "",
            "Examples:",
            "  forebay journal inspect forebay-replay/h2/journal",
            "  forebay journal verify  /var/lib/shop/journal/default",
            "  forebay journal repair  /var/lib/shop/journal/default",
            "",
            "DIR is the directory of one database's journal, or the one above with all of them."
        })
final class JournalCommand {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Command(
            name = "inspect",
            description = "Show what a journal holds; changes nothing, also while it is in use.",
            footer = {"", "Example:", "  forebay journal inspect forebay-replay/h2/journal"})
    int inspect(@Parameters(paramLabel = "DIR", description = "The journal.") Path directory) throws IOException {
        for (Path journal : journals(directory)) print(journal, JournalInspector.inspect(FileDisk.in(journal)));
        return 0;
    }

    @Command(
            name = "verify",
            description = "Read every byte of a journal; exit code 1 if it is damaged.",
            footer = {"", "Example:", "  forebay journal verify /var/lib/shop/journal"})
    int verify(@Parameters(paramLabel = "DIR", description = "The journal.") Path directory) throws IOException {
        int code = 0;
        for (Path journal : journals(directory)) {
            Report report = JournalInspector.inspect(FileDisk.in(journal));
            if (report.problem() == null) {
                out().printf("%s: sound, %s%n", journal, contents(report));
            } else {
                err().println("forebay: " + report.problem().getMessage());
                code = Main.FAILED;
            }
        }
        return code;
    }

    @Command(
            name = "repair",
            description =
                    "Cut a damaged journal at its first damage, so that it can be opened again. What is cut off is "
                            + "kept beside it in files named *.damaged; its writes are lost to the database. A damaged "
                            + "manifest is rebuilt from the segments.",
            footer = {"", "Example:", "  forebay journal repair /var/lib/shop/journal/default"})
    int repair(@Parameters(paramLabel = "DIR", description = "The journal.") Path directory) throws IOException {
        for (Path journal : journals(directory)) {
            JournalRepair.Result result = JournalRepair.repair(FileDisk.in(journal));
            if (result.wasSound()) out().println(journal + ": sound, nothing to repair");
            if (result.manifestRebuilt())
                out().println(journal
                        + ": manifest rebuilt from the segments; it names no database: be sure to start it "
                        + "with the one it belongs to");
            if (!result.copies().isEmpty()) {
                out().printf(
                                "%s: cut; %s with %s taken out and kept in %s%n",
                                journal,
                                Figures.of(result.frames(), "frame"),
                                Figures.of(result.bytes(), "byte"),
                                String.join(", ", result.copies()));
            }
        }
        return 0;
    }

    /** The directory itself if it is a journal, else those within it. */
    private static List<Path> journals(Path directory) throws IOException {
        if (!Files.isDirectory(directory))
            throw new CommandFailure(
                    directory + (Files.exists(directory) ? " is not a directory" : ": no such directory"));
        if (isJournal(directory)) return List.of(directory);
        try (Stream<Path> below = Files.list(directory)) {
            List<Path> found = below.filter(JournalCommand::isJournal).sorted().toList();
            if (found.isEmpty()) throw new CommandFailure(directory + " holds no journal: there is no file manifest");
            return found;
        }
    }

    private static boolean isJournal(Path directory) {
        if (Files.exists(directory.resolve("manifest"))) return true;
        if (!Files.isDirectory(directory)) return false;
        try (Stream<Path> files = Files.list(directory)) {
            return files.anyMatch(file -> String.valueOf(file.getFileName()).endsWith(".segment"));
        } catch (IOException e) {
            return false;
        }
    }

    private void print(Path journal, Report report) {
        PrintWriter out = out();
        out.println(journal);
        Manifest manifest = report.manifest();
        if (manifest != null) {
            out.printf(
                    "  journal %s, format %d, %d partitions%n  database %s%n",
                    manifest.journal(), manifest.version(), manifest.partitions(), id(manifest.database()));
        }
        if (!report.segments().isEmpty()) out.println(table(report.segments()));
        report.notes().forEach(note -> out.println("  note: " + note));
        out.println(
                report.problem() == null
                        ? "  sound: " + contents(report)
                        : "  " + report.problem().getMessage());
    }

    private static String id(@Nullable UUID database) {
        return database == null ? "not known yet" : database.toString();
    }

    private static Box table(List<SegmentReport> segments) {
        Box box = new Box("segment", "size", "used", "frames", "data");
        for (SegmentReport segment : segments) {
            FrameReport last = segment.frames().isEmpty()
                    ? null
                    : segment.frames().get(segment.frames().size() - 1);
            box.row(
                    segment.name(),
                    Figures.bytes(segment.bytes()),
                    last == null ? "–" : Figures.bytes(last.offset() + last.extentBytes()),
                    Figures.count(data(segment).count()),
                    Figures.bytes(
                            data(segment).mapToLong(FrameReport::bodyBytes).sum()));
        }
        return box;
    }

    private static String contents(Report report) {
        long frames = report.segments().stream()
                .mapToLong(segment -> data(segment).count())
                .sum();
        long bytes = report.segments().stream()
                .flatMap(JournalCommand::data)
                .mapToLong(FrameReport::bodyBytes)
                .sum();
        return "%s, %s of data, %s"
                .formatted(
                        Figures.of(report.segments().size(), "segment"),
                        Figures.of(frames, "frame"),
                        Figures.bytes(bytes));
    }

    private static Stream<FrameReport> data(SegmentReport segment) {
        return segment.frames().stream().filter(frame -> frame.kind() == FrameKind.DATA);
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private PrintWriter err() {
        return spec.commandLine().getErr();
    }
}
