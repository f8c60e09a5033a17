package io.forebay.state;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What a key of a {@link MemoryState} holds. All but the value change in place, under the state's lock. */
sealed interface Held {
    /** With its article. */
    String kind();

    record Value(Object json) implements Held {
        @Override
        public String kind() {
            return "a value";
        }
    }

    record Hash(Map<String, Object> fields) implements Held {
        Hash() {
            this(new TreeMap<>());
        }

        @Override
        public String kind() {
            return "a hash";
        }
    }

    record Items(List<Object> elements) implements Held {
        Items() {
            this(new ArrayList<>());
        }

        @Override
        public String kind() {
            return "a list";
        }
    }

    record Members(Set<Object> elements) implements Held {
        Members() {
            this(new HashSet<>());
        }

        @Override
        public String kind() {
            return "a set";
        }
    }
}
