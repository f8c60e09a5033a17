/** Real servers as child processes, for tests and demos. Not published. */
@NullMarked
package io.forebay.testservers;

import org.jspecify.annotations.NullMarked;
