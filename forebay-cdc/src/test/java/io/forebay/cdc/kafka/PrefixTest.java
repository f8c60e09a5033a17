package io.forebay.cdc.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PrefixTest {
    @Test
    void only_what_is_done_without_a_hole_is_committed() {
        Prefix prefix = Prefix.after(10);
        prefix.taken(10);
        prefix.taken(11);
        prefix.taken(15);

        prefix.done(11);
        assertThat(prefix.toCommit()).isEmpty();
        prefix.done(10);
        assertThat(prefix.toCommit()).hasValue(15);
        prefix.done(15);
        assertThat(prefix.toCommit()).hasValue(16);
        prefix.committed(16);

        assertThat(prefix.toCommit()).isEmpty();
    }

    @Test
    void a_beginning_behind_a_gap_is_committed_without_a_record() {
        assertThat(Prefix.behindGap(0).toCommit()).hasValue(0);
        assertThat(Prefix.after(0).toCommit()).isEmpty();
    }
}
