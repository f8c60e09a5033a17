package io.forebay.internal.lifecycle;

import io.forebay.internal.share.Lane;
import io.forebay.spi.FedWindow;
import io.forebay.spi.SharedFeed;
import io.forebay.spi.SharedJournal;
import io.forebay.spi.TableInfo;
import io.forebay.spi.TransientSinkException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread that takes what this process is to flush from the shared journal, and tells it what may be deleted. */
final class Feeder {
    private static final Logger LOG = LoggerFactory.getLogger(Feeder.class);
    private static final Duration WAIT = Duration.ofMillis(20);
    private static final long AFTER_FAILURE_NANOS = 100_000_000L;

    private final String database;
    private final SharedFeed feed;
    private final List<Lane> lanes;
    private final FlushCrew crew;
    private final Function<String, TableInfo> tables;
    private final LongSupplier nanoTime;
    private final Runner runner;
    private final long[] released; // of the feeding thread, like the next
    private boolean failing;

    Feeder(
            String database,
            SharedJournal journal,
            List<Lane> lanes,
            FlushCrew crew,
            Function<String, TableInfo> tables,
            LongSupplier nanoTime) {
        this.database = database;
        this.feed = journal.feed();
        this.lanes = lanes;
        this.crew = crew;
        this.tables = tables;
        this.nanoTime = nanoTime;
        this.released = new long[lanes.size()];
        this.runner = new Runner("forebay-" + database + "-feed", this::turn);
    }

    void start() {
        runner.start();
    }

    private long turn() {
        try {
            assign(feed.assigned());
            for (Lane lane : lanes) begin(lane);
            Map<Integer, Long> wanted = feed.wanted();
            for (FedWindow piece : feed.poll(hungry(), WAIT)) take(piece);
            feed.unreadable().forEach(crew::halt);
            wanted.forEach(this::want);
            for (Lane lane : lanes) release(lane);
            failing = false;
            return 0;
        } catch (TransientSinkException e) {
            if (!failing) LOG.warn("{}: what is to be flushed cannot be asked for: {}", database, e.getMessage());
            failing = true;
            return AFTER_FAILURE_NANOS;
        }
    }

    private void assign(Set<Integer> assigned) {
        for (Lane lane : lanes) {
            int partition = lane.partition().number();
            boolean isAssigned = assigned.contains(partition);
            if (lane.assign(isAssigned) && isAssigned) crew.reown(partition);
        }
    }

    private void begin(Lane lane) {
        lane.takeBegin().ifPresent(after -> feed.begin(lane.partition().number(), after));
    }

    private Set<Integer> hungry() {
        Set<Integer> hungry = new TreeSet<>();
        for (Lane lane : lanes) if (lane.isHungry()) hungry.add(lane.partition().number());
        return hungry;
    }

    private void take(FedWindow piece) {
        if (lanes.get(piece.partition()).feed(piece, tables, nanoTime)) crew.wake();
        else crew.reown(piece.partition());
    }

    private void want(int partition, long sequence) {
        lanes.get(partition).partition().want(sequence);
        crew.wake();
    }

    private void release(Lane lane) {
        int partition = lane.partition().number();
        long upTo = lane.flushed().orElse(0);
        if (upTo == released[partition]) return;
        feed.flushed(partition, upTo);
        released[partition] = upTo;
    }

    /** Takes nothing more. */
    void stop() {
        runner.stop();
        runner.join(1000);
    }

    /** Says what was flushed at the end, and lets others have the partitions. */
    void giveBack() {
        try {
            for (Lane lane : lanes) release(lane);
        } catch (TransientSinkException e) {
            LOG.debug("{}: what was flushed last is not deleted yet: {}", database, e.getMessage());
        }
        feed.close();
    }
}
