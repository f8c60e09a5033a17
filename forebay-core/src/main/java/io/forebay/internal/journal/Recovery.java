package io.forebay.internal.journal;

import io.forebay.spi.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Replays a journal at its opening, and makes sure that what was replayed stays. */
final class Recovery {
    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    private final Disk disk;

    Recovery(Disk disk) {
        this.disk = disk;
    }

    JournalWalk run(Manifest manifest, Replay replay) throws IOException {
        JournalWalk walk = JournalWalk.through(disk, manifest, new Visitor(replay));
        if (!walk.segments().isEmpty()) makeDurable(walk.tail());
        return walk;
    }

    /**
     * The last frame may be in the operating system's memory only: written before a kill, not forced. It is written again
     * before it is forced, because after a failed force the system takes it for clean.
     */
    private void makeDurable(Tail tail) throws IOException {
        boolean onlyCheckpoint = tail.frameAt() == SegmentReader.FIRST_FRAME;
        long from = onlyCheckpoint ? 0 : tail.frameAt();
        try (Disk.File file = disk.open(SegmentNames.of(tail.segment()))) {
            ByteBuffer last = ByteBuffer.allocate(Math.toIntExact(tail.end() - from));
            file.read(last, from);
            file.write(last.flip(), from);
            file.force();
        }
    }

    private final class Visitor extends ReplayVisitor {
        Visitor(Replay replay) {
            super(replay);
        }

        @Override
        public void unfinished(String segment, long offset) {
            LOG.warn(
                    "journal {}: {} ends at offset {} with an unfinished frame, which was never acknowledged: ignored",
                    disk.description(),
                    segment,
                    offset);
        }

        @Override
        public void halfMade(String segment) {
            LOG.warn(
                    "journal {}: {} was being made when the process or machine died, and was never used: ignored",
                    disk.description(),
                    segment);
        }
    }
}
