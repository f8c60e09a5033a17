package io.forebay.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.forebay.JournalAccessException;
import io.forebay.JournalException;
import io.forebay.JournalForceException;
import io.forebay.JournalWriteException;
import io.forebay.internal.journal.Journal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** PROTOCOL J1, J3, J5, J6 against thousands of random lives, each ended by a power failure or a kill at a random moment. */
class JournalPowerCutTest {
    private static final int SEEDS = 3000;

    @Test
    void whatever_was_forced_is_replayed_in_order_and_nothing_else_but_the_frame_in_flight() {
        for (int seed = 0; seed < SEEDS; seed += 2) run(seed, 0);
    }

    @Test
    void the_same_holds_when_writes_and_forces_fail_now_and_then() {
        for (int seed = 1; seed < SEEDS; seed += 2) run(seed, 6);
    }

    private static void run(int seed, int faultPercent) {
        try {
            Lives lives = new Lives(seed, faultPercent);
            for (int life = 0; life < 4; life++) lives.next();
            lives.verifyAtTheEnd();
        } catch (Throwable e) {
            throw new AssertionError("seed " + seed, e);
        }
    }

    /** One journal through several lives, and what must be in it. */
    private static final class Lives {
        private final Random random;
        private final int faultPercent;
        private SimulatedDisk disk;
        private final List<Long> acknowledged = new ArrayList<>();
        private final List<Long> unknown = new ArrayList<>(); // at most one of them may come back, as the last
        private long released;
        private long lastId;

        Lives(long seed, int faultPercent) {
            this.random = new Random(seed);
            this.faultPercent = faultPercent;
            this.disk = new SimulatedDisk(seed);
        }

        void next() {
            disk.dieAfter(random.nextInt(random.nextBoolean() ? 8 : 250));
            Journal journal = openAndVerify();
            if (journal != null) live(journal);
            disk = random.nextInt(3) == 0 ? disk.crash() : disk.powerCut();
        }

        void verifyAtTheEnd() {
            assertThat(openAndVerify()).isNotNull();
            disk = disk.powerCut();
            assertThat(openAndVerify()).isNotNull();
        }

        private Journal openAndVerify() {
            Journals.Recorder found = new Journals.Recorder();
            Journal journal;
            try {
                journal = Journals.open(disk, found);
            } catch (JournalAccessException e) {
                return null; // died while it was opened
            }
            int before =
                    found.checkpoints.isEmpty() ? 0 : found.checkpoints.get(0).intValue();
            assertThat(before).isLessThanOrEqualTo(Math.toIntExact(released));
            List<Long> expected = acknowledged.subList(before, acknowledged.size());
            assertThat(found.frames).hasSizeGreaterThanOrEqualTo(expected.size());
            assertThat(found.frames.subList(0, expected.size())).isEqualTo(expected);
            List<Long> more = found.frames.subList(expected.size(), found.frames.size());
            assertThat(more).hasSizeLessThanOrEqualTo(1);
            assertThat(unknown).containsAll(more);
            acknowledged.addAll(more);
            unknown.clear();
            return journal;
        }

        private void live(Journal journal) {
            journal.checkpointWith(
                    () -> ByteBuffer.allocate(8).putLong(acknowledged.size()).flip());
            for (int step = random.nextInt(60); step > 0 && isAlive(); step--) act(journal);
            if (random.nextBoolean()) close(journal);
        }

        private boolean isAlive() {
            try {
                return disk.freeBytes() > 0;
            } catch (IOException e) {
                return false;
            }
        }

        private void act(Journal journal) {
            if (random.nextInt(100) < faultPercent) disk.failNextForce();
            if (random.nextInt(100) < faultPercent) disk.failNextWrite(random.nextInt(40) * 512L);
            if (random.nextInt(10) > 0) {
                append(journal);
            } else {
                released = Math.max(released, random.nextInt(acknowledged.size() + 1));
                journal.release(new long[] {released});
            }
        }

        private void append(Journal journal) {
            long id = ++lastId;
            int bytes = random.nextInt(random.nextInt(10) == 0 ? 90_000 : 3_000);
            unknown.add(id);
            try {
                journal.append(Journals.body(id, bytes), new long[] {acknowledged.size() + 1});
                journal.force();
                acknowledged.add(id);
                unknown.clear();
            } catch (JournalWriteException e) {
                unknown.remove(id);
            } catch (JournalForceException e) {
                // stays unknown until the journal has gone on
            }
        }

        private void close(Journal journal) {
            try {
                journal.close();
            } catch (JournalException e) {
                // the disk has died, or was made to fail
            }
        }
    }
}
