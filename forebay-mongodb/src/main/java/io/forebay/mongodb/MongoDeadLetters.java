package io.forebay.mongodb;

import com.mongodb.client.MongoClient;
import io.forebay.spi.Batch;
import io.forebay.spi.DeadLetter;
import io.forebay.spi.DeadLetterStore;
import io.forebay.spi.FencedException;
import io.forebay.spi.MismatchException;
import io.forebay.spi.PendingRow;
import io.forebay.spi.Watermark;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The dead letters of a MongoDB database.
 *
 * <p>A letter is tried again as the only batch of a journal of its own, whose id follows from the letter's: whoever comes after a
 * program that has died sees by that journal's watermark whether the batch was applied. What is refused of it takes the letter's
 * place. Of two programs that try the same letter one leaves it to the other. Letters of a batch that is still being flushed wait.
 */
public final class MongoDeadLetters implements DeadLetterStore {
    private static final int ONLY = 0; // the partition of a letter's journal

    private final MongoSink sink;
    private final DeadLetters letters;
    private final Watermarks watermarks;

    /** The dead letters of a database of the client, which stays open. */
    public MongoDeadLetters(MongoClient client, String database) {
        this(MongoSink.of(client, database));
    }

    MongoDeadLetters(MongoSink sink) {
        this.sink = sink;
        this.letters = new DeadLetters(sink.database());
        this.watermarks = new Watermarks(sink.database());
    }

    private enum Outcome {
        APPLIED,
        REFUSED,
        DROPPED,
        LEFT
    }

    @Override
    public List<Entry> list(int limit) {
        DeadLetterStore.requireLimit(limit);
        return MongoSink.run(
                "listing dead letters",
                () -> stored().limit(limit).map(DeadLetters.Stored::entry).toList());
    }

    @Override
    public Replayed replay(Predicate<Entry> filter) {
        return MongoSink.run("replaying dead letters", () -> {
            int applied = 0;
            int refused = 0;
            Iterator<DeadLetters.Stored> all = stored().iterator();
            while (all.hasNext()) {
                DeadLetters.Stored letter = all.next();
                if (!filter.test(letter.entry())) continue;
                switch (alone(letter, () -> replay(letter))) {
                    case APPLIED -> applied++;
                    case REFUSED -> refused++;
                    case LEFT, DROPPED -> {} // another program was faster, or its batch is not at its end
                }
            }
            return new Replayed(applied, refused);
        });
    }

    @Override
    public int drop(Predicate<Entry> filter) {
        return MongoSink.run("dropping dead letters", () -> (int) stored().filter(letter -> filter.test(letter.entry()))
                .filter(letter -> alone(letter, () -> drop(letter)) == Outcome.DROPPED)
                .count());
    }

    /** All but those of a replay that has not ended: the letter itself stands for them until then. */
    private Stream<DeadLetters.Stored> stored() {
        List<DeadLetters.Name> names = letters.names();
        Set<UUID> replays = names.stream().map(name -> journal(name.id())).collect(Collectors.toSet());
        return names.stream()
                .filter(name -> !replays.contains(name.journal()))
                .flatMap(name -> Stream.ofNullable(letters.get(name.id())));
    }

    static UUID journal(String letter) {
        return UUID.nameUUIDFromBytes(("replay of " + letter).getBytes(StandardCharsets.UTF_8));
    }

    /** Does something with a letter, unless another program is faster. */
    private Outcome alone(DeadLetters.Stored letter, Supplier<Outcome> work) {
        try {
            return work.get();
        } catch (FencedException e) {
            return Outcome.LEFT;
        } catch (MismatchException e) { // its journal is gone, as it is when the letter is
            if (letters.get(letter.id()) != null) throw e;
            return Outcome.LEFT;
        }
    }

    private Outcome replay(DeadLetters.Stored letter) {
        Watermark taken = take(letter);
        if (taken == null) return Outcome.LEFT;
        if (taken.sequence() == 0) sink.apply(batch(letter, taken.epoch()));
        return settle(letter, taken.epoch());
    }

    /** A letter that was tried again by a program that has died is settled in place of that. */
    private Outcome drop(DeadLetters.Stored letter) {
        Watermark taken = take(letter);
        if (taken == null) return Outcome.LEFT;
        if (taken.sequence() > 0) return settle(letter, taken.epoch());
        letters.delete(letter.id());
        watermarks.delete(journal(letter.id()), ONLY, taken.epoch());
        return Outcome.DROPPED;
    }

    /** Becomes the only one who tries the letter; null if it is not there any more, or its batch is not at its end. */
    private @Nullable Watermark take(DeadLetters.Stored letter) {
        Entry entry = letter.entry();
        if (!watermarks.isApplied(entry.journal(), entry.partition(), letter.to())) return null;
        UUID journal = journal(letter.id());
        watermarks.createAnew(journal);
        Watermark taken = sink.own(journal, ONLY);
        if (letters.get(letter.id()) != null) return taken;
        watermarks.delete(journal, ONLY, taken.epoch());
        return null;
    }

    private static Batch batch(DeadLetters.Stored stored, long epoch) {
        DeadLetter letter = stored.entry().letter();
        PendingRow row = new PendingRow(Objects.requireNonNull(letter.key()), List.of(letter.stage()));
        return new Batch(journal(stored.id()), ONLY, epoch, 0, 1, UUID.randomUUID(), List.of(row), List.of(), Map.of());
    }

    /** The letter's batch is applied: what was refused of it takes its place, and it goes. */
    private Outcome settle(DeadLetters.Stored letter, long epoch) {
        UUID journal = journal(letter.id());
        boolean refused = letters.replace(letter, journal);
        letters.delete(letter.id());
        watermarks.delete(journal, ONLY, epoch);
        return refused ? Outcome.REFUSED : Outcome.APPLIED;
    }
}
