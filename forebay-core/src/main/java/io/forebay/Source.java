package io.forebay;

import io.forebay.internal.lifecycle.Engine;
import io.forebay.internal.lifecycle.Write;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Something that is read in order and written through Forebay: a file, a topic, a queue. Its position is durable together
 * with the writes that came from it, so that after a restart nothing is written twice and nothing is left out. One thread
 * at a time writes for one source.
 */
public final class Source {
    private final Engine engine;
    private final String name;

    Source(Engine engine, String name) {
        this.engine = engine;
        this.name = name;
    }

    /**
     * The position of the last writes that are durable; empty if there are none. Go on behind it, at the start and after a
     * write that failed: until then further writes of the source are refused, because they would leave a gap.
     */
    public Optional<String> position() {
        return engine.source(name);
    }

    /**
     * Writes what came from the source up to {@code position}: all of it and the position are in one frame of the journal,
     * or none is.
     *
     * @param writes adds the writes; an exception from it means that nothing was written
     * @return the ack of all of it, at the default durability
     * @throws BufferFullException if there is no room in time
     * @throws DuplicateRowException if one of the writes inserts a row that is pending as an insert; none is taken then
     * @throws JournalWriteException if an earlier write was refused and {@link #position} was not asked since
     */
    public Ack write(String position, Consumer<SourceWrites> writes) {
        List<Write> collected = new ArrayList<>();
        writes.accept(new SourceWrites(collected));
        return engine.write(collected, name, position, engine.durability());
    }
}
