package io.forebay.cli.demo;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What was acknowledged against what the database holds. A writer sends numbered groups, the next only when the last is
 * acknowledged: so of each writer, groups 1 to n must be there exactly once, and group n + 1, which was under way at the
 * kill, once or not at all.
 */
final class Account {
    private final Map<String, Long> acknowledged;
    private final Contents contents;

    Account(Map<String, Long> acknowledged, Contents contents) {
        this.acknowledged = Map.copyOf(acknowledged);
        this.contents = contents;
    }

    /** What the database holds. */
    record Contents(Map<String, Long> pages, Map<String, Counters> writers, Map<Audit, Long> audits) {
        Contents {
            pages = Map.copyOf(pages);
            writers = Map.copyOf(writers);
            audits = Map.copyOf(audits);
        }
    }

    /** A writer's row: groups counted, their numbers added up, and the highest number. */
    record Counters(long hits, long amount, long lastSeen) {
        static final Counters NONE = new Counters(0, 0, 0);
    }

    /** Identity of an audit row. */
    record Audit(String writer, long number) {}

    /** One kind of write: so many were acknowledged, are in the database, are missing, are there too often. */
    record Line(String what, long acknowledged, long inDatabase, long lost, long doubled) {
        /** Writes that were under way at a kill and reached the database. */
        long underWay() {
            return Math.max(0, inDatabase - acknowledged + lost - doubled);
        }

        boolean isExact() {
            return lost == 0 && doubled == 0;
        }
    }

    List<Line> lines() {
        return List.of(pageViews(), hits(), lastSeen(), audits());
    }

    private Set<String> writers() {
        Set<String> all = new HashSet<>(acknowledged.keySet());
        all.addAll(contents.writers().keySet());
        return all;
    }

    private long acknowledged(String writer) {
        return acknowledged.getOrDefault(writer, 0L);
    }

    private Counters counters(String writer) {
        return contents.writers().getOrDefault(writer, Counters.NONE);
    }

    private Line pageViews() {
        Map<String, Long> certain = new HashMap<>();
        Map<String, Long> possible = new HashMap<>();
        acknowledged.forEach((writer, last) -> {
            for (long number = 1; number <= last; number++) certain.merge(CrashTables.page(number), 1L, Long::sum);
            possible.merge(CrashTables.page(last + 1), 1L, Long::sum);
        });
        Set<String> all = new HashSet<>(contents.pages().keySet());
        all.addAll(certain.keySet());
        Tally tally = new Tally();
        for (String page : all) {
            long least = certain.getOrDefault(page, 0L);
            tally.between(contents.pages().getOrDefault(page, 0L), least, least + possible.getOrDefault(page, 0L));
        }
        return tally.line("page views");
    }

    private Line hits() {
        Tally tally = new Tally();
        for (String writer : writers()) {
            long last = acknowledged(writer);
            Counters counters = counters(writer);
            tally.between(counters.hits(), last, last + 1);
            if (counters.hits() == last || counters.hits() == last + 1) hidden(counters, last, tally);
        }
        return tally.line("hits");
    }

    /**
     * A count that is right may hide a lost group behind one that was under way, or a doubled one. The sum of the groups'
     * numbers tells: it has one of two values.
     */
    private static void hidden(Counters counters, long last, Tally tally) {
        long amount = counters.amount();
        if (amount == sumTo(last) || amount == sumTo(last + 1)) return;
        boolean isLost = amount < sumTo(last) || amount < sumTo(last + 1) && counters.hits() == last;
        if (isLost) tally.lost++;
        else tally.doubled++;
    }

    private static long sumTo(long number) {
        return number * (number + 1) / 2;
    }

    private Line lastSeen() {
        Tally tally = new Tally();
        for (String writer : writers())
            tally.between(counters(writer).lastSeen(), acknowledged(writer), acknowledged(writer) + 1);
        return tally.line("last seen");
    }

    private Line audits() {
        Tally tally = new Tally();
        List<Audit> sent = new ArrayList<>();
        acknowledged.forEach((writer, last) -> {
            for (long number = 1; number <= last; number++) sent.add(new Audit(writer, number));
        });
        Map<Audit, Long> found = new HashMap<>(contents.audits());
        for (Audit audit : sent) tally.between(orZero(found.remove(audit)), 1, 1);
        found.forEach((audit, count) -> {
            boolean wasUnderWay = audit.number() == acknowledged(audit.writer()) + 1;
            tally.between(count, 0, wasUnderWay ? 1 : 0);
        });
        return tally.line("audit rows");
    }

    private static long orZero(@Nullable Long count) {
        return count == null ? 0 : count;
    }

    private static final class Tally {
        private long acknowledged;
        private long inDatabase;
        private long lost;
        private long doubled;

        void between(long found, long least, long most) {
            acknowledged += least;
            inDatabase += found;
            lost += Math.max(0, least - found);
            doubled += Math.max(0, found - most);
        }

        Line line(String what) {
            return new Line(what, acknowledged, inDatabase, lost, doubled);
        }
    }
}
