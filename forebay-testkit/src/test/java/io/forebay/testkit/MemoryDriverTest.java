package io.forebay.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.forebay.Forebay;
import io.forebay.Table;
import io.forebay.spi.Driver;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What stands before a shared journal, on one that can be made to fail at will. */
class MemoryDriverTest extends DriverContract {
    private final MemoryDriver memory = new MemoryDriver();

    @Override
    protected Driver driver() {
        return memory;
    }

    @Test
    void a_lost_reply_to_an_append_counts_once() {
        Forebay forebay = open(QUICK);
        Table pages = pages(forebay);

        for (int i = 0; i < 200; i++) {
            memory.loseReplies(i % 3);
            pages.row(i % 4).increment("hits").await();
        }
        forebay.flushAndWait();

        long sum = 0;
        for (long id = 0; id < 4; id++) sum += hits(id);
        assertThat(sum).isEqualTo(200);
    }

    @Test
    void writes_wait_while_the_journal_is_away() {
        Forebay forebay = open(QUICK);
        Table pages = pages(forebay);
        memory.away(true);
        var ack = pages.row(1).increment("hits");
        assertThat(ack.toCompletableFuture()).isNotDone();
        memory.away(false);

        ack.await();

        assertThat(pages.row(1).getLong("hits")).isEqualTo(1);
    }

    @Test
    void what_the_database_holds_is_deleted() {
        Forebay forebay = open(QUICK);
        for (long id = 0; id < 50; id++)
            pages(forebay).row(id).increment("hits").await();

        forebay.flushAndWait();

        Awaitility.await().until(() -> memory.windows() == 0);
    }

    @Test
    void partitions_that_change_hands_in_mid_flush_lose_and_double_nothing() {
        Forebay one = open(QUICK);
        Forebay other = open(QUICK);
        Random random = new Random(1);

        for (int i = 0; i < 3_000; i++) {
            pages(random.nextBoolean() ? one : other).row(i % 9).increment("hits");
            if (i % 20 == 0) memory.rebalance();
            if (i % 150 == 0) sink.loseNextReply();
            if (i % 100 == 0) pages(one).row(1).increment("hits", 0).await();
        }
        one.flushAndWait();
        other.flushAndWait();

        long sum = 0;
        for (long id = 0; id < 9; id++) sum += hits(id);
        assertThat(sum).isEqualTo(3_000);
    }
}
