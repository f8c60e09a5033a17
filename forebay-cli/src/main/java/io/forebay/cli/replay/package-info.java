/** What {@code forebay replay} does: an access log, written through Forebay. */
@NullMarked
package io.forebay.cli.replay;

import org.jspecify.annotations.NullMarked;
