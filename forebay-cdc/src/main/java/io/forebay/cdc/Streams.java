package io.forebay.cdc;

import io.forebay.cdc.event.ChangeEvent;
import io.forebay.cdc.event.ChangeRecord;
import io.forebay.cdc.event.Op;
import io.forebay.cdc.event.Phase;
import io.forebay.cdc.event.Shape;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What has to be remembered from one record of a stream to the next. Thread-safe, if one thread at a time hands over a stream. */
final class Streams {
    private final ConcurrentHashMap<String, Stream> streams = new ConcurrentHashMap<>();

    private static final class Stream {
        private boolean inSnapshot;
        private @Nullable ChangeRecord deletion; // the record before, if it told of one
    }

    /** Whether a snapshot begins with this event: then there is no history of what happened before. */
    boolean beginsSnapshot(String name, ChangeEvent event) {
        if (event.phase() == Phase.INCREMENTAL_SNAPSHOT || event.shape() == Shape.TOMBSTONE) return false;
        Stream stream = stream(name);
        boolean isSnapshot = event.phase() == Phase.SNAPSHOT;
        boolean begins = isSnapshot && !stream.inSnapshot;
        stream.inSnapshot = isSnapshot;
        return begins;
    }

    /** Whether it is the tombstone that follows a deletion and says no more than it. */
    boolean repeatsDeletion(String name, ChangeEvent event) {
        Stream stream = stream(name);
        ChangeRecord before = stream.deletion;
        boolean tombstone = event.shape() == Shape.TOMBSTONE;
        stream.deletion = event.op() == Op.DELETE && !tombstone ? event.record() : null;
        return tombstone
                && before != null
                && before.topic().equals(event.record().topic())
                && Objects.equals(before.key(), event.record().key());
    }

    private Stream stream(String name) {
        return streams.computeIfAbsent(name, unseen -> new Stream());
    }
}
