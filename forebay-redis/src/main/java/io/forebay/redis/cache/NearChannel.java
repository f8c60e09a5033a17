package io.forebay.redis.cache;

/**
 * By which a near cache hears of invalidations. It may say nothing for long, but never goes on as if nothing was missed when
 * something may have been.
 */
interface NearChannel {
    /** Who hears. Called by threads of the Redis client: it must not wait. */
    interface Listener {
        /** To be let go of. */
        void heard(Announcement what);

        /**
         * Something may have been missed, or may be from now on.
         *
         * @param reason for the log
         */
        void lost(String reason);

        /** Everything that is said from a moment on is heard, until {@link #lost}. */
        void ready(long nanos);

        /** Everything that was said up to a moment was heard. */
        void confirmed(long nanos);
    }

    /** Makes sure that nothing was missed, and makes up for it; called again and again, by one thread. Does not wait. */
    void check();
}
