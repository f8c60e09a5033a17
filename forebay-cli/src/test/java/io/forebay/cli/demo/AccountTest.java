package io.forebay.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.forebay.cli.demo.Account.Audit;
import io.forebay.cli.demo.Account.Contents;
import io.forebay.cli.demo.Account.Counters;
import io.forebay.cli.demo.Account.Line;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AccountTest {
    private static final String WRITER = "run-1-thread-0";

    private final Map<String, Long> pages = new HashMap<>();
    private final Map<String, Counters> writers = new HashMap<>();
    private final Map<Audit, Long> audits = new HashMap<>();

    @Test
    void everything_once_is_exact() {
        written(5);

        assertThat(account(5).lines()).allMatch(Line::isExact).allMatch(line -> line.underWay() == 0);
    }

    @Test
    void a_group_under_way_may_be_there_once() {
        written(6);

        assertThat(account(5).lines()).allMatch(Line::isExact).allMatch(line -> line.underWay() == 1);
    }

    @Test
    void nothing_at_all_is_all_lost() {
        assertThat(account(5).lines()).allMatch(line -> line.lost() == 5);
    }

    @Test
    void two_groups_beyond_the_acknowledged_ones_are_one_too_many() {
        written(7);

        assertThat(line("audit rows", 5).doubled()).isEqualTo(1);
        assertThat(line("hits", 5).doubled()).isEqualTo(1);
        assertThat(line("last seen", 5).doubled()).isEqualTo(1);
    }

    @Test
    void a_missing_audit_row_is_lost() {
        written(5);
        audits.remove(new Audit(WRITER, 3));

        assertThat(line("audit rows", 5)).isEqualTo(new Line("audit rows", 5, 4, 1, 0));
    }

    @Test
    void a_missing_audit_row_is_not_hidden_by_one_under_way() {
        written(6);
        audits.remove(new Audit(WRITER, 3));

        assertThat(line("audit rows", 5)).isEqualTo(new Line("audit rows", 5, 5, 1, 0));
    }

    @Test
    void an_audit_row_that_is_there_twice_is_doubled() {
        written(5);
        audits.put(new Audit(WRITER, 3), 2L);

        assertThat(line("audit rows", 5)).isEqualTo(new Line("audit rows", 5, 6, 0, 1));
    }

    @Test
    void an_audit_row_under_way_that_is_there_twice_is_doubled() {
        written(6);
        audits.put(new Audit(WRITER, 6), 2L);

        assertThat(line("audit rows", 5).doubled()).isEqualTo(1);
    }

    @Test
    void an_audit_row_of_nobody_is_doubled() {
        written(5);
        audits.put(new Audit("somebody", 9), 1L);

        assertThat(line("audit rows", 5).doubled()).isEqualTo(1);
    }

    @Test
    void a_hit_that_is_missing_is_lost() {
        written(5);
        writers.put(WRITER, new Counters(4, 15 - 3, 5));

        assertThat(line("hits", 5)).isEqualTo(new Line("hits", 5, 4, 1, 0));
    }

    @Test
    void a_lost_hit_is_not_hidden_by_one_under_way() {
        written(5);
        writers.put(WRITER, new Counters(5, 15 + 6 - 3, 6)); // without group 3, with group 6

        assertThat(line("hits", 5).lost()).isEqualTo(1);
    }

    @Test
    void a_doubled_hit_is_not_taken_for_one_under_way() {
        written(5);
        writers.put(WRITER, new Counters(6, 15 + 3, 5)); // group 3 twice

        assertThat(line("hits", 5).doubled()).isEqualTo(1);
    }

    @Test
    void an_old_last_seen_is_lost() {
        written(5);
        writers.put(WRITER, new Counters(5, 15, 4));

        assertThat(line("last seen", 5).lost()).isEqualTo(1);
    }

    @Test
    void page_views_are_bounded_page_by_page() {
        written(5);
        pages.merge(CrashTables.page(2), -1L, Long::sum);
        pages.merge(CrashTables.page(4), 1L, Long::sum);

        assertThat(line("page views", 5)).isEqualTo(new Line("page views", 5, 5, 1, 1));
    }

    private Account account(long acknowledged) {
        return new Account(Map.of(WRITER, acknowledged), new Contents(pages, writers, audits));
    }

    private Line line(String what, long acknowledged) {
        return account(acknowledged).lines().stream()
                .filter(line -> line.what().equals(what))
                .findFirst()
                .orElseThrow();
    }

    private void written(long groups) {
        for (long number = 1; number <= groups; number++) {
            pages.merge(CrashTables.page(number), 1L, Long::sum);
            audits.put(new Audit(WRITER, number), 1L);
        }
        writers.put(WRITER, new Counters(groups, groups * (groups + 1) / 2, groups));
    }
}
