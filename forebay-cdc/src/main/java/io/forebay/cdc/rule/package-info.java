/** Which entries of a cache a change concerns. */
@NullMarked
package io.forebay.cdc.rule;

import org.jspecify.annotations.NullMarked;
