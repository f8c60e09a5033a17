package io.forebay.cdc.event;

import java.util.Objects;

/**
 * A table or collection.
 *
 * @param qualifier the schema (PostgreSQL) or the database (MySQL, MongoDB); empty if the record does not say
 */
public record SourceTable(String qualifier, String name) {
    public SourceTable {
        Objects.requireNonNull(qualifier, "qualifier");
        Objects.requireNonNull(name, "name");
    }

    /** As rules name it: {@code qualifier.name}, or the name alone. */
    @Override
    public String toString() {
        return qualifier.isEmpty() ? name : qualifier + "." + name;
    }
}
