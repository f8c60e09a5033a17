package io.forebay.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.forebay.cli.Cli;
import org.junit.jupiter.api.Test;

class DemoTest {
    @Test
    void a_small_demo_kills_its_process_and_finds_nothing_lost_and_nothing_doubled() {
        Cli demo = Cli.run("demo", "--views", "2000", "--kills", "2", "--writes", "1500", "--seed", "7");

        assertThat(demo.err()).doesNotContain("forebay:");
        assertThat(demo.out())
                .contains("2,000 page views, 200 audit rows")
                .contains("Nothing lost, nothing doubled.")
                .containsPattern("acknowledged +│ +[1-9]")
                .containsPattern("rows that miss something +│ +0 ");
        assertThat(demo.code()).isZero();
    }

    @Test
    void too_many_threads_are_a_usage_error() {
        Cli demo = Cli.run("demo", "--threads", "101");

        assertThat(demo.code()).isEqualTo(2);
        assertThat(demo.err()).contains("--threads must be at most 100, was 101");
    }

    @Test
    void no_views_is_a_usage_error() {
        Cli demo = Cli.run("demo", "--views", "0");

        assertThat(demo.code()).isEqualTo(2);
        assertThat(demo.err()).contains("--views must be at least 1, was 0");
    }

    @Test
    void the_same_seed_makes_the_same_pages() {
        assertThat(pages(5)).isEqualTo(pages(5)).isNotEqualTo(pages(6));
    }

    private static java.util.List<String> pages(long seed) {
        java.util.List<String> pages = new java.util.ArrayList<>();
        new Workload(100, seed).run(new Workload.Writer() {
            @Override
            public void view(String path) {
                pages.add(path);
            }

            @Override
            public void seen(String visitor, java.time.Instant at) {}

            @Override
            public void audit(String visitor, String path) {}
        });
        return pages;
    }
}
