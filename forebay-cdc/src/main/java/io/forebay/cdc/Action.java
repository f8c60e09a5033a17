package io.forebay.cdc;

import io.forebay.cdc.rule.Refresh;
import org.jspecify.annotations.Nullable;

/**
 * What is to be done with one {@link Target}.
 *
 * @param invalidate whether it goes first
 * @param refresh the value that it gets then, null if none
 * @param reason for logs, where everything goes
 */
record Action(boolean invalidate, @Nullable Refresh refresh, String reason) {
    static final Action INVALIDATE = new Action(true, null, "");

    static Action refresh(Refresh value) {
        return new Action(false, value, "");
    }

    static Action everything(String reason) {
        return new Action(true, null, reason);
    }

    /** This and then the other, as one: what is invalidated later need not be refreshed before. */
    Action then(Action later) {
        return later.invalidate() ? later : new Action(invalidate, later.refresh(), later.reason());
    }
}
