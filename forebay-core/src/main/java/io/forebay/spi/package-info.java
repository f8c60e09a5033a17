/** What an adapter implements, and the values it is handed. */
@NullMarked
package io.forebay.spi;

import org.jspecify.annotations.NullMarked;
