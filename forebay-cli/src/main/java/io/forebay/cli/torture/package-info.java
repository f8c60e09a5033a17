/** The {@code torture} command: the crash harness of the test kit, on the user's database. */
@NullMarked
package io.forebay.cli.torture;

import org.jspecify.annotations.NullMarked;
