package io.forebay.benchmarks.peers;

import io.forebay.benchmarks.BenchmarkDatabase;
import java.nio.file.Path;

/**
 * What a contender is opened with.
 *
 * @param database where the rows belong
 * @param store the SQL to write them with
 * @param delaySeconds how long a write may wait before it is sent
 * @param folder where state that outlives the process may be kept
 * @param redisPort of a Redis that outlives the process
 * @param fresh whether nothing that an earlier process left may be used
 */
record Setting(BenchmarkDatabase database, Store store, int delaySeconds, Path folder, int redisPort, boolean fresh) {}
