package io.forebay.mongodb.client;

import java.util.List;
import org.bson.BsonDocument;
import org.bson.conversions.Bson;
import org.jspecify.annotations.Nullable;

/** What has to happen before an aggregation or another thing that is iterated. */
final class Pipelines {
    private Pipelines() {}

    /** One that writes, or runs in a session of the caller's, is behind what is pending whatever reads may see. */
    static Runnable before(Call call, Buffer buffer) {
        boolean writes = call.name().equals("mapReduce") || call.isInSession() || writes(call.argument(List.class));
        return writes ? buffer::flushBefore : buffer::flushBeforeRead;
    }

    private static boolean writes(@Nullable List<?> pipeline) {
        return pipeline != null
                && pipeline.stream().anyMatch(stage -> stage instanceof Bson bson && writes(bson.toBsonDocument()));
    }

    private static boolean writes(BsonDocument stage) {
        return stage.containsKey("$out") || stage.containsKey("$merge");
    }
}
