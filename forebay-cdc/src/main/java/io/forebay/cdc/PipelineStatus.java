package io.forebay.cdc;

/**
 * How a pipeline is at present.
 *
 * @param underWay how many records were taken and are not done
 * @param blocked how many keys, tags and prefixes the cache has not acknowledged and is asked again for
 * @param handled how many records are done since the start, but for those in the dead letters
 * @param deadLettered how many are in the dead letters since the start
 * @param gaps how often everything had to be invalidated since the start
 * @param cacheAnswers false while the cache has failed and was not heard of since
 * @param sourceHealthy see {@link ChangeSource#isHealthy}
 */
public record PipelineStatus(
        int underWay,
        int blocked,
        long handled,
        long deadLettered,
        long gaps,
        boolean cacheAnswers,
        boolean sourceHealthy) {}
