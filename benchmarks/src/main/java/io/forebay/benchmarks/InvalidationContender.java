package io.forebay.benchmarks;

/** Who tells Redis of changed keys. */
enum InvalidationContender {
    BARE("bare `DEL` and `PUBLISH` of the same keys, in pipelines"),
    FOREBAY("`CdcPipeline` into `RedisInvalidations`");

    private final String title;

    InvalidationContender(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }

    /** Connects to Redis. */
    Invalidator open(String redisUri) {
        return switch (this) {
            case BARE -> new BareInvalidator(redisUri);
            case FOREBAY -> new PipelineInvalidator(redisUri);
        };
    }
}
