/** The command log-cache. */
@NullMarked
package io.forebay.cli.logcache;

import org.jspecify.annotations.NullMarked;
