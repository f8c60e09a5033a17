package io.forebay.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.forebay.cdc.event.ChangeEvent;
import io.forebay.cdc.rule.Mode;
import io.forebay.cdc.rule.Rules;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of records, with a cache that fails in every way. */
class CdcPipelineTest {
    private final FakeCache cache = new FakeCache();
    private final HandSource source = new HandSource();
    private final List<DeadLetter> letters = new CopyOnWriteArrayList<>();
    private final List<Stages> stages = new CopyOnWriteArrayList<>();
    private final List<String> ignored = new CopyOnWriteArrayList<>();
    private CdcPipeline pipeline;

    @TempDir
    private Path directory;

    @AfterEach
    void close() {
        if (pipeline != null) pipeline.close();
    }

    private void start(Rules rules) {
        start(rules, null);
    }

    private void start(Rules rules, OwnTransactions own) {
        CdcPipeline.Builder builder = CdcPipeline.builder()
                .source(source)
                .rules(rules)
                .cache(cache)
                .deadLetters(FileDeadLetters.at(directory.resolve("letters.jsonl")))
                .maxUnderWay(1000)
                .listener(new CdcListener() {
                    @Override
                    public void handled(ChangeEvent event, Stages passed) {
                        stages.add(passed);
                    }

                    @Override
                    public void ignored(io.forebay.cdc.event.ChangeRecord record, String reason) {
                        ignored.add(reason);
                    }

                    @Override
                    public void deadLettered(DeadLetter letter) {
                        letters.add(letter);
                    }
                });
        if (own != null) builder.ownTransactions(own);
        pipeline = builder.start();
    }

    private static Rules byId() {
        return Rules.builder().on("users", rule -> rule.key("user:{id}")).build();
    }

    private CompletableFuture<Void> update(int id) {
        return source.send(key(id), row("u", id, "x"));
    }

    private static String key(int id) {
        return "{\"id\":" + id + "}";
    }

    private static String row(String op, int id, String name) {
        String row = "{\"id\":%d,\"name\":\"%s\"}".formatted(id, name);
        return "{\"before\":%s,\"after\":%s,\"op\":\"%s\",\"ts_ms\":2000,\"source\":{\"connector\":\"postgresql\",\"schema\":\"public\",\"table\":\"users\",\"ts_ms\":1000,\"txId\":77,\"lsn\":5}}"
                .formatted(op.equals("d") ? row : "null", op.equals("d") ? "null" : row, op);
    }

    /** How many keys were in each call with this one. */
    private List<Integer> companiesOf(String name) {
        return cache.calls().stream()
                .map(call -> List.of(call.replaceAll("invalidate \\[|]", "").split(", ")))
                .filter(keys -> keys.contains(name))
                .map(List::size)
                .toList();
    }

    private static void get(CompletionStage<Void> done) throws Exception {
        done.toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    @Test
    void a_record_is_done_when_the_cache_has_acknowledged_and_not_before() throws Exception {
        start(byId());
        cache.put("user:1", "old");
        CompletableFuture<Void> gate = new CompletableFuture<>();
        cache.gate(gate);

        CompletableFuture<Void> done = update(1);
        await().until(() -> !cache.calls().isEmpty());
        assertThat(done).isNotDone();
        gate.complete(null);
        get(done);

        assertThat(cache.get("user:1")).isNull();
        assertThat(stages).hasSize(1);
        assertThat(stages.get(0).committed().toEpochMilli()).isEqualTo(1000);
        assertThat(stages.get(0).captured().toEpochMilli()).isEqualTo(2000);
        assertThat(stages.get(0).total()).isPresent();
    }

    @Test
    void a_key_that_is_refused_holds_up_no_other_and_is_a_dead_letter_in_the_end() throws Exception {
        cache.refuse("user:7"::equals, new IllegalStateException("slot 7 is down"));
        start(byId());

        CompletableFuture<Void> refused = update(7);
        List<CompletableFuture<Void>> others = new ArrayList<>();
        for (int id = 100; id < 400; id++) others.add(update(id));
        for (CompletableFuture<Void> other : others) get(other);
        while (!refused.isDone()) get(update(8)); // the cache takes others, so it is there

        assertThat(letters).hasSize(1);
        assertThat(letters.get(0).reason()).contains("slot 7 is down");
        assertThat(pipeline.status().deadLettered()).isEqualTo(1);
    }

    @Test
    void one_refused_key_in_a_call_of_hundreds_is_found_without_other_calls() throws Exception {
        cache.refuse("user:7"::equals, new IllegalArgumentException("too long"));
        CompletableFuture<Void> gate = new CompletableFuture<>();
        start(byId());
        cache.gate(gate);
        for (int id = 1000; id < 1004; id++) { // so that the next ones wait, and go together
            update(id);
            int calls = id - 999;
            await().until(() -> cache.calls().size() == calls);
        }
        List<CompletableFuture<Void>> all =
                IntStream.range(0, 300).mapToObj(this::update).toList();
        cache.gate(CompletableFuture.completedFuture(null));
        gate.complete(null);

        for (CompletableFuture<Void> done : all) get(done);

        assertThat(letters).hasSize(1);
        assertThat(letters.get(0).record().key().text()).contains(key(7));
        List<Integer> companies = companiesOf("user:7");
        for (int failures = 0; failures < companies.size(); failures++)
            assertThat(companies.get(failures)).isLessThanOrEqualTo(Math.max(1, 1024 >> (2 * failures)));
    }

    /** The only key that there is: however often it fails, nobody else was answered. */
    @Test
    void a_lone_key_is_not_given_up_while_the_cache_is_away() throws Exception {
        start(byId());
        cache.away(true);

        CompletableFuture<Void> done = update(1);
        await().until(() -> cache.calls().size() > 8); // more often than maxRefusals
        assertThat(done).isNotDone();
        cache.away(false);
        get(done);

        assertThat(letters).isEmpty();
    }

    @Test
    void while_the_cache_is_away_everything_waits_and_nothing_is_a_dead_letter() throws Exception {
        start(byId());
        cache.away(true);
        for (int id = 0; id < 50; id++) cache.put("user:" + id, "old");

        List<CompletableFuture<Void>> all =
                IntStream.range(0, 50).mapToObj(this::update).toList();
        await().until(() -> cache.calls().size() > 8); // more often than maxRefusals
        assertThat(all).noneMatch(CompletableFuture::isDone);
        assertThat(pipeline.status().cacheAnswers()).isFalse();
        cache.away(false);
        for (CompletableFuture<Void> done : all) get(done);

        assertThat(cache.entries()).isEmpty();
        assertThat(letters).isEmpty();
    }

    /** A cache that is away is asked by single keys, one after the other, not by everything that waits. */
    @Test
    void a_cache_that_is_away_is_not_flooded() throws Exception {
        start(byId());
        cache.away(true);

        List<CompletableFuture<Void>> all =
                IntStream.range(0, 900).mapToObj(this::update).toList();
        await().until(() -> cache.calls().size() > 8);
        List<String> probes = cache.calls().subList(5, cache.calls().size());
        cache.away(false);
        for (CompletableFuture<Void> done : all) get(done);

        assertThat(probes).allMatch(call -> !call.contains(","));
    }

    @Test
    void changes_of_a_key_that_waits_are_one_call_and_the_last_one_wins() throws Exception {
        start(Rules.builder()
                .on("users", rule -> rule.key("user:{id}").mode(Mode.REFRESH))
                .build());
        CompletableFuture<Void> gate = new CompletableFuture<>();
        cache.gate(gate);
        List<CompletableFuture<Void>> all = new ArrayList<>();
        all.add(source.send(key(1), row("u", 1, "v0")));
        await().until(() -> cache.calls().size() == 1);

        for (int i = 1; i < 10; i++) all.add(source.send(key(1), row("u", 1, "v" + i)));
        cache.gate(CompletableFuture.completedFuture(null));
        gate.complete(null);
        for (CompletableFuture<Void> done : all) get(done);

        assertThat(cache.calls()).containsExactly("refresh user:1", "refresh user:1");
        assertThat(cache.get("user:1")).contains("v9");
    }

    @Test
    void a_deletion_after_a_refresh_that_is_under_way_comes_after_it() throws Exception {
        start(Rules.builder()
                .on("users", rule -> rule.key("user:{id}").mode(Mode.REFRESH))
                .build());
        CompletableFuture<Void> gate = new CompletableFuture<>();
        cache.gate(gate);
        CompletableFuture<Void> first = source.send(key(1), row("u", 1, "v0"));
        await().until(() -> cache.calls().size() == 1);

        CompletableFuture<Void> last = source.send(key(1), row("d", 1, "v0"));
        cache.gate(CompletableFuture.completedFuture(null));
        gate.complete(null);
        get(first);
        get(last);

        assertThat(cache.calls()).containsExactly("refresh user:1", "invalidate [user:1]");
        assertThat(cache.get("user:1")).isNull();
    }

    /** The value is of before the truncation; stored after it, it would stay. */
    @Test
    void a_refresh_that_is_tried_again_does_not_outlive_a_truncation() throws Exception {
        start(Rules.builder()
                .on("users", rule -> rule.key("user:{id}").mode(Mode.REFRESH))
                .build());
        cache.refuse("user:1"::equals, new IllegalStateException("not now"));
        CompletableFuture<Void> first = source.send(key(1), row("u", 1, "v0"));
        await().until(() -> cache.calls().size() > 0);

        CompletableFuture<Void> truncated = source.send(
                null,
                "{\"before\":null,\"after\":null,\"op\":\"t\",\"source\":{\"connector\":\"postgresql\",\"schema\":\"public\",\"table\":\"users\"}}");
        get(truncated);
        cache.refuse(name -> false, new IllegalStateException());
        get(first);

        assertThat(cache.get("user:1")).isNull();
        assertThat(cache.calls()).contains("invalidate [user:*]", "invalidate [user:1]");
    }

    @Test
    void a_gap_invalidates_everything_however_long_it_takes() throws Exception {
        start(byId());
        cache.put("other", "x");
        cache.away(true);

        CompletionStage<Void> flushed = source.gap("slot lost");
        await().until(() -> cache.calls().stream().filter("flush"::equals).count() > 5);
        assertThat(flushed.toCompletableFuture()).isNotDone();
        cache.away(false);
        get(flushed);

        assertThat(cache.flushes()).containsExactly("slot lost");
        assertThat(cache.entries()).isEmpty();
        assertThat(letters).isEmpty();
    }

    @Test
    void the_beginning_of_a_snapshot_is_a_gap_once() throws Exception {
        start(byId());
        String first = row("r", 1, "x").replace("\"table\"", "\"snapshot\":\"first\",\"table\"");
        String second = row("r", 2, "x").replace("\"table\"", "\"snapshot\":\"true\",\"table\"");

        get(source.send(key(1), first));
        get(source.send(key(2), second));
        get(update(3));
        get(source.send(key(1), first));

        assertThat(cache.flushes()).hasSize(2).allMatch(reason -> reason.startsWith("a snapshot begins"));
    }

    @Test
    void an_unknown_shape_is_a_dead_letter_and_the_next_record_goes_on() throws Exception {
        start(byId());

        get(source.send(key(1), "[1, 2]"));
        get(source.send(key(1), "no json"));
        get(update(2));

        assertThat(letters).hasSize(2);
        assertThat(letters.get(0).reason()).contains("JSON array").contains("expected");
        assertThat(letters.get(1).reason()).contains("not JSON");
        assertThat(cache.calls()).containsExactly("invalidate [user:2]");
    }

    @Test
    void a_tombstone_after_its_deletion_does_nothing_and_a_lone_one_invalidates() throws Exception {
        start(Rules.builder()
                .on("users", rule -> rule.key("user:{id}").key("name:{name}").completeBefore())
                .build());

        get(source.send(key(1), row("d", 1, "ann")));
        get(source.send(key(1), null));
        get(source.send(key(2), null));

        assertThat(cache.calls()).containsExactly("invalidate [name:ann, user:1]", "invalidate [name:*, user:2]");
        assertThat(ignored).containsExactly("tombstone of the deletion before it");
    }

    @Test
    void an_own_transaction_is_not_told_for_a_while() throws Exception {
        OwnTransactions own = OwnTransactions.create();
        start(byId(), own);

        own.add("77");
        get(update(1));
        get(source.send(key(1), row("u", 1, "x").replace("\"txId\":77", "\"txId\":78")));

        assertThat(ignored).containsExactly("own write");
        assertThat(cache.calls()).hasSize(1);
    }

    @Test
    void own_transactions_are_forgotten_by_time_and_by_number() {
        long[] nanos = {0};
        OwnTransactions own = OwnTransactions.create(Duration.ofSeconds(60), 2, () -> nanos[0]);

        own.add("a");
        own.add("b");
        own.add("c");
        assertThat(own.contains("a")).isFalse();
        assertThat(own.contains("c")).isTrue();
        nanos[0] = Duration.ofSeconds(61).toNanos();

        assertThat(own.contains("c")).isFalse();
    }

    @Test
    void a_record_without_a_rule_is_done_at_once() throws Exception {
        start(byId());

        get(source.send(key(1), row("u", 1, "x").replace("\"users\"", "\"orders\"")));

        assertThat(ignored).containsExactly("no rule");
        assertThat(cache.calls()).isEmpty();
    }

    @Test
    void too_many_records_under_way_are_said_to_be_too_many() throws Exception {
        start(byId());
        CompletableFuture<Void> gate = new CompletableFuture<>();
        cache.gate(gate);

        List<CompletableFuture<Void>> all =
                IntStream.range(0, 1000).mapToObj(this::update).toList();
        assertThat(source.isFull()).isTrue();
        cache.gate(CompletableFuture.completedFuture(null));
        gate.complete(null);
        for (CompletableFuture<Void> done : all) get(done);

        assertThat(source.isFull()).isFalse();
    }

    @Test
    void dead_letters_are_replayed_by_the_rules_of_now() throws Exception {
        cache.refuse("user:7"::equals, new IllegalArgumentException("bad"));
        start(byId());
        get(update(7));
        get(source.send(key(1), "no json"));
        assertThat(letters).hasSize(2);
        cache.put("user:7", "stale");

        DeadLetters.Replayed stillRefused = pipeline.replay();
        cache.refuse(name -> false, new IllegalArgumentException());
        DeadLetters.Replayed replayed = pipeline.replay();

        assertThat(stillRefused).isEqualTo(new DeadLetters.Replayed(0, 2));
        assertThat(replayed).isEqualTo(new DeadLetters.Replayed(1, 1));
        assertThat(cache.get("user:7")).isNull();
    }

    @Test
    void all_missing_settings_are_named_at_once() {
        assertThatThrownBy(() -> CdcPipeline.builder().maxRefusals(0).start())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(
                        "source", "rules", "cache", "deadLetters", "maxRefusals must be at least 1, was 0");
    }
}
