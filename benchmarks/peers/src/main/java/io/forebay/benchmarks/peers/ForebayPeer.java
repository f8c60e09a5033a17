package io.forebay.benchmarks.peers;

import io.forebay.Ack;
import io.forebay.FlushPolicy;
import io.forebay.Forebay;
import io.forebay.Stats;
import io.forebay.Table;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Forebay with its defaults, but for the delay and the size of a batch: acknowledged means forced to the journal's disk. */
final class ForebayPeer implements Peer {
    private final Forebay forebay;
    private final Table counters;
    private final Table stamps;
    private final Table audit;
    private final ThreadLocal<@Nullable Ack> last = new ThreadLocal<>();

    ForebayPeer(Setting setting) {
        this.forebay = Forebay.builder()
                .database(setting.database().dataSource())
                .journal(setting.folder().resolve("journal"))
                .createTables()
                .flush(FlushPolicy.DEFAULT
                        .withMaxRows(Store.MAX_ROWS)
                        .withInterval(Duration.ofSeconds(setting.delaySeconds()), Duration.ZERO))
                .build();
        this.counters = forebay.table(Store.COUNTERS);
        this.stamps = forebay.table(Store.STAMPS);
        this.audit = forebay.table(Store.AUDIT);
    }

    @Override
    public void increment(long id) {
        last.set(counters.row(id).increment("value"));
    }

    @Override
    public void stamp(long id, long seen) {
        last.set(stamps.row(id).set("seen", seen));
    }

    @Override
    public void audit(long id, String text) {
        int bar = text.indexOf('|');
        last.set(audit.insert(Map.of("id", id, "who", text.substring(0, bar), "what", text.substring(bar + 1))));
    }

    /** A later ack of a thread completes no earlier than those before it. */
    @Override
    public void awaitAcks() {
        Ack ack = last.get();
        if (ack != null) ack.await();
    }

    @Override
    public Sent sent() {
        Stats stats = forebay.stats();
        return new Sent(stats.statements(), stats.rowsFlushed());
    }

    @Override
    public void close() {
        forebay.close();
    }
}
