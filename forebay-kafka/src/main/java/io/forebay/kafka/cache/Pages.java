package io.forebay.kafka.cache;

import io.forebay.kafka.cache.Store.Held;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/** Walks through a store page by page, and holds nothing of it between two pages: nobody has to close it. One thread. */
final class Pages<H> implements Iterator<Held<H>> {
    static final int SIZE = 500;

    private final Source<H> source;
    private Iterator<Held<H>> page;
    private Key last;
    private boolean more = true;

    /** Reads a page of at most {@link #SIZE}. */
    interface Source<H> {
        List<Held<H>> page(Key from, boolean inclusive);
    }

    Pages(Source<H> source, Key from) {
        this.source = source;
        this.last = from;
        this.page = take(source.page(from, true));
    }

    private Iterator<Held<H>> take(List<Held<H>> next) {
        more = next.size() == SIZE;
        if (!next.isEmpty()) last = next.get(next.size() - 1).key();
        return next.iterator();
    }

    @Override
    public boolean hasNext() {
        if (!page.hasNext() && more) page = take(source.page(last, false));
        return page.hasNext();
    }

    @Override
    public Held<H> next() {
        if (!hasNext()) throw new NoSuchElementException();
        return page.next();
    }
}
