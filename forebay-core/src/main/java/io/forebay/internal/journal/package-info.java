/**
 * The journal: durable, append-only, unaware of what its frames mean. Read {@link io.forebay.internal.journal.Journal} for
 * writing and {@link io.forebay.internal.journal.JournalWalk} for reading; the format is in {@code docs/journal-format.md}.
 */
@NullMarked
package io.forebay.internal.journal;

import org.jspecify.annotations.NullMarked;
