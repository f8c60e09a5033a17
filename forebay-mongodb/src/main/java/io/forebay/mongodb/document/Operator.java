package io.forebay.mongodb.document;

import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The update operators that can wait in a buffer, each with its name at the server. */
enum Operator {
    SET("$set", true),
    SET_ON_INSERT("$setOnInsert", true),
    UNSET("$unset", false),
    INC("$inc", true),
    MUL("$mul", true),
    MIN("$min", true),
    MAX("$max", true),
    BIT("$bit", true),
    PUSH("$push", true),
    ADD_TO_SET("$addToSet", true),
    PULL("$pull", false),
    PULL_ALL("$pullAll", false),
    POP("$pop", false),
    RENAME("$rename", true);

    private static final Map<String, Operator> BY_NAME =
            Stream.of(values()).collect(Collectors.toMap(Operator::serverName, Function.identity()));

    private final String serverName;
    private final boolean creates;

    Operator(String serverName, boolean creates) {
        this.serverName = serverName;
        this.creates = creates;
    }

    static @Nullable Operator named(String serverName) {
        return BY_NAME.get(serverName);
    }

    String serverName() {
        return serverName;
    }

    /** Whether it makes a field that is missing, with its parents. */
    boolean creates() {
        return creates;
    }
}
