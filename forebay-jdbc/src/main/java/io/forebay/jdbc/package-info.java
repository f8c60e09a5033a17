/** The JDBC sink: applies batches to PostgreSQL and H2 and reads exact base rows. */
@NullMarked
package io.forebay.jdbc;

import org.jspecify.annotations.NullMarked;
