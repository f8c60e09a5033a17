package io.forebay.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.forebay.Ack;
import io.forebay.FlushPolicy;
import io.forebay.Forebay;
import io.forebay.JournalPolicy;
import io.forebay.MissingRow;
import io.forebay.Row;
import io.forebay.Table;
import io.forebay.spi.PendingAppend;
import io.forebay.spi.RowKey;
import io.forebay.spi.Stage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Random histories of every mutation, with flushes, failures, process kills and power cuts, against a table that gets one
 * mutation at a time. Rules J1, J2, M1 and R1 of the protocol in one.
 */
class RandomHistoryTest {
    private static final int SEEDS = Integer.getInteger("forebay.histories", 150);
    private static final int STEPS = 60;
    private static final int KEYS = 4;

    @Test
    void histories_without_refusals_end_as_one_mutation_at_a_time_would() {
        for (int seed = 0; seed < SEEDS; seed++) new History(seed).run();
    }

    /** One seeded history. Writes come from one thread, so what survives a power cut is a prefix of them. */
    private static final class History {
        private final Random random;
        private final String name;
        private final MemorySink sink = Tables.sink();
        private final ModelTable pages = new ModelTable(Tables.PAGES);
        private final ModelTable users = new ModelTable(Tables.USERS);
        private final ModelTable audit = new ModelTable(Tables.AUDIT);

        /** States after each write since the last one known to be durable, the oldest first. */
        private final List<State> possible = new ArrayList<>();

        private record State(ModelTable pages, ModelTable users, ModelTable audit) {}

        private SimulatedDisk disk;
        private Forebay forebay;
        private Table pagesTable;
        private Table usersTable;
        private Table auditTable;
        private Ack last;

        private History(int seed) {
            random = new Random(seed);
            name = "seed " + seed;
            disk = new SimulatedDisk(seed);
        }

        private void run() {
            open();
            remember();
            for (int step = 0; step < STEPS; step++) step();
            sink.away(false);
            forebay.flushAndWait();
            assertDatabase();
            forebay.close(Duration.ofSeconds(10));
        }

        private void open() {
            FlushPolicy policy = FlushPolicy.DEFAULT
                    .withMaxRows(1 + random.nextInt(8))
                    .withInterval(Duration.ofMillis(1 + random.nextInt(20)), Duration.ZERO)
                    .withRetry(Duration.ofMillis(1), Duration.ofMillis(2));
            forebay = Forebay.builder()
                    .database("memory", sink)
                    .journal(database -> disk)
                    .partitions(3)
                    .flush(policy)
                    .journalPolicy(new JournalPolicy(64 << 10, Duration.ofHours(1), 1 << 20, 8 << 20))
                    .build();
            pagesTable = forebay.table("pages", t -> t.onMissingRow(MissingRow.INSERT));
            usersTable = forebay.table("users");
            auditTable = forebay.table("audit");
        }

        private void step() {
            int dice = random.nextInt(100);
            if (dice < 70) write();
            else if (dice < 80) read();
            else if (dice < 84) forebay.flush();
            else if (dice < 87) sink.away(random.nextBoolean());
            else if (dice < 89) sink.loseNextReply();
            else if (dice < 92) settle();
            else if (dice < 94) restart();
            else if (dice < 96) kill();
            else if (dice < 98) cutPower();
            else if (dice < 99) dieBeforeTheFrameIsWritten();
            else flushAndCompare();
        }

        private void write() {
            int dice = random.nextInt(10);
            if (dice == 0) append();
            else if (dice < 6) writePage();
            else writeUser();
            remember();
        }

        private void append() {
            Map<String, Object> values = Map.of("what", "event " + random.nextInt(1000));
            last = auditTable.insert(values);
            audit.append(new PendingAppend("audit", new LinkedHashMap<>(values)));
        }

        /** Missing pages are inserted, so nothing but an insert can be refused. */
        private void writePage() {
            long id = random.nextInt(KEYS);
            RowKey key = RowKey.of("pages", List.of(id));
            if (random.nextInt(8) == 0 && pages.row(key).isEmpty()) insert(pagesTable, pages, id);
            else change(pagesTable.row(id), pages, key, Stage.Kind.UPSERT);
        }

        /** Missing users are refused, so they are only updated while they exist. */
        private void writeUser() {
            long id = random.nextInt(KEYS);
            RowKey key = RowKey.of("users", List.of(id));
            if (users.row(key).isEmpty()) insert(usersTable, users, id);
            else change(usersTable.row(id), users, key, Stage.Kind.UPDATE);
        }

        private void insert(Table table, ModelTable model, long id) {
            Map<String, Object> values = new LinkedHashMap<>();
            if (random.nextBoolean()) values.put("score", (long) random.nextInt(100));
            if (random.nextBoolean()) values.put("note", "n" + random.nextInt(100));
            Map<String, Object> withKey = new LinkedHashMap<>(values);
            withKey.put("id", id);
            last = table.insert(withKey);
            apply(model, RowKey.of(table.name(), List.of(id)), Stages.sets(Stage.Kind.INSERT, values));
        }

        private void change(Row row, ModelTable model, RowKey key, Stage.Kind kind) {
            long amount = random.nextInt(1000) - 500;
            String column = List.of("hits", "seen", "score").get(random.nextInt(3));
            switch (random.nextInt(7)) {
                case 0, 1 -> {
                    last = row.increment(column, amount);
                    apply(model, key, Stages.add(kind, column, amount));
                }
                case 2 -> {
                    last = row.max(column, amount);
                    apply(model, key, Stages.max(kind, column, amount));
                }
                case 3 -> {
                    last = row.min(column, amount);
                    apply(model, key, Stages.min(kind, column, amount));
                }
                case 4 -> {
                    Map<String, Object> values = new LinkedHashMap<>();
                    values.put(column, random.nextInt(4) == 0 ? null : (Object) amount);
                    values.put("note", "n" + amount);
                    last = row.update(values);
                    apply(model, key, Stages.sets(kind, values));
                }
                case 5 -> {
                    last = row.upsert(Map.of(column, amount));
                    apply(model, key, Stages.sets(Stage.Kind.UPSERT, Map.of(column, amount)));
                }
                default -> {
                    last = row.delete();
                    apply(model, key, Stages.sets(Stage.Kind.DELETE, Map.of()));
                }
            }
        }

        private void apply(ModelTable model, RowKey key, Stage stage) {
            assertThat(model.apply(key, stage, MissingRow.DEAD_LETTER)).as(name).isEmpty();
        }

        private void remember() {
            possible.add(new State(pages.copy(), users.copy(), audit.copy()));
        }

        private void settle() {
            if (last == null) return;
            last.await();
            State now = possible.get(possible.size() - 1);
            possible.clear();
            possible.add(now);
        }

        private void read() {
            if (random.nextInt(3) > 0) sink.away(false);
            else return;
            long id = random.nextInt(KEYS);
            compare(pagesTable, pages, id);
            compare(usersTable, users, id);
        }

        private void compare(Table table, ModelTable model, long id) {
            Optional<Map<String, Object>> expected = model.row(RowKey.of(table.name(), List.of(id)));
            Optional<Map<String, Object>> actual = table.row(id).read().map(row -> shown(row.asMap()));
            assertThat(actual).as(name + " " + table + " " + id).isEqualTo(expected.map(History::shown));
        }

        /** A pending insert shows the columns it was given, and not the defaults of the others. */
        private static Map<String, Object> shown(Map<String, Object> row) {
            Map<String, Object> shown = new LinkedHashMap<>();
            row.forEach((column, value) -> {
                if (value != null && !value.equals(0L)) shown.put(column, value);
            });
            return new java.util.TreeMap<>(shown);
        }

        private void restart() {
            forebay.close(Duration.ofMillis(random.nextInt(20)));
            open();
            settleAll();
        }

        /** Everything written before a close is in the journal. */
        private void settleAll() {
            last = null;
            State now = possible.get(possible.size() - 1);
            possible.clear();
            possible.add(now);
        }

        private void kill() {
            dieWith(SimulatedDisk::crash);
        }

        private void cutPower() {
            dieWith(SimulatedDisk::powerCut);
        }

        /** An ack that does not wait for its frame is here before the frame is. */
        private void dieBeforeTheFrameIsWritten() {
            disk.holdWrites();
            write();
            awaitHeldWrite();
            if (last.toCompletableFuture().isDone()) settle();
            dieWith(random.nextBoolean() ? SimulatedDisk::crash : SimulatedDisk::powerCut);
        }

        private void awaitHeldWrite() {
            try {
                disk.awaitHeldWrite();
            } catch (InterruptedException e) {
                throw new IllegalStateException(name, e);
            }
        }

        /** The process is gone at once: its threads fail at the old disk and can reach the database no more. */
        private void dieWith(java.util.function.UnaryOperator<SimulatedDisk> end) {
            SimulatedDisk after = end.apply(disk);
            sink.away(true);
            forebay.close(Duration.ZERO);
            sink.away(false);
            disk = after;
            open();
            forebay.flushAndWait();
            last = null;
            adopt();
        }

        /** Goes on from the one possible state that the database is in. */
        private void adopt() {
            for (int i = possible.size() - 1; i >= 0; i--) {
                State state = possible.get(i);
                if (!matches(state)) continue;
                become(state);
                return;
            }
            become(possible.get(possible.size() - 1));
            assertDatabase();
        }

        private boolean matches(State state) {
            return sink.table("pages").rows().equals(state.pages().rows())
                    && sink.table("users").rows().equals(state.users().rows())
                    && sink.table("audit").appended().equals(state.audit().appended());
        }

        private void become(State state) {
            replace(pages, state.pages());
            replace(users, state.users());
            audit.appended().clear();
            audit.appended().addAll(state.audit().appended());
            possible.clear();
            remember();
        }

        private static void replace(ModelTable target, ModelTable state) {
            target.rows().clear();
            target.rows().putAll(state.copy().rows());
        }

        private void flushAndCompare() {
            sink.away(false);
            forebay.flushAndWait();
            assertDatabase();
            settleAll();
        }

        private void assertDatabase() {
            assertThat(sink.deadLetters()).as(name).isEmpty();
            assertThat(sink.table("pages").rows()).as(name).isEqualTo(pages.rows());
            assertThat(sink.table("users").rows()).as(name).isEqualTo(users.rows());
            assertThat(sink.table("audit").appended()).as(name).isEqualTo(audit.appended());
        }
    }
}
