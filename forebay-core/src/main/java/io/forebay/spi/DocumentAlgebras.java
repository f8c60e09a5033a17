package io.forebay.spi;

import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentHashMap;

/** The algebras on the class path, by name. Thread-safe. */
public final class DocumentAlgebras {
    private static final Map<String, DocumentAlgebra> FOUND = new ConcurrentHashMap<>();

    private DocumentAlgebras() {}

    /**
     * The algebra of that name.
     *
     * @throws IllegalStateException if no module on the class path has it
     */
    public static DocumentAlgebra named(String name) {
        return FOUND.computeIfAbsent(name, DocumentAlgebras::find);
    }

    private static DocumentAlgebra find(String name) {
        for (DocumentAlgebra algebra :
                ServiceLoader.load(DocumentAlgebra.class, DocumentAlgebra.class.getClassLoader()))
            if (algebra.name().equals(name)) return algebra;
        throw new IllegalStateException(
                "no module on the class path knows documents of the form %s: those of MongoDB, bson, take io.forebay:forebay-mongodb"
                        .formatted(name));
    }
}
