/** What {@code forebay demo} shows: speed, and what is left after kills. */
@NullMarked
package io.forebay.cli.demo;

import org.jspecify.annotations.NullMarked;
