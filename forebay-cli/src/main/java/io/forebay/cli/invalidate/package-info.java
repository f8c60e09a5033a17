/** The service that tells caches of every change in a database, and its demo. */
@NullMarked
package io.forebay.cli.invalidate;

import org.jspecify.annotations.NullMarked;
