package io.forebay.redis.cache;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Set;

/**
 * What near caches are told to let go of; published as JSON.
 *
 * @param everything whatever there is; then the others do not matter
 */
@JsonInclude(JsonInclude.Include.NON_DEFAULT)
record Announcement(Set<String> keys, Set<String> tags, Set<String> prefixes, boolean everything) {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    static final Announcement EVERYTHING = new Announcement(Set.of(), Set.of(), Set.of(), true);

    Announcement {
        keys = keys == null ? Set.of() : Set.copyOf(keys);
        tags = tags == null ? Set.of() : Set.copyOf(tags);
        prefixes = prefixes == null ? Set.of() : Set.copyOf(prefixes);
    }

    static Announcement of(Set<String> keys, Set<String> tags, Set<String> prefixes) {
        return new Announcement(keys, tags, prefixes, false);
    }

    byte[] toJson() {
        try {
            return MAPPER.writeValueAsBytes(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("sets of text can always be written", e);
        }
    }

    /** @throws IllegalArgumentException if it is something else */
    static Announcement parse(String json) {
        try {
            return MAPPER.readValue(json, Announcement.class);
        } catch (IOException e) {
            throw new IllegalArgumentException("no announcement: " + json, e);
        }
    }
}
