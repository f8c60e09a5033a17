package io.forebay.mongodb.crash;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.event.CommandListener;
import com.mongodb.event.CommandStartedEvent;
import io.forebay.Durability;
import io.forebay.Forebay;
import io.forebay.mongodb.MongoSink;
import io.forebay.testkit.crash.CrashChild;
import io.forebay.testkit.crash.CrashWorkload;
import io.forebay.testkit.crash.KillPoint;
import java.nio.file.Path;
import java.util.Set;

/** The program that is killed: URI, database, journal, seed, round. */
public final class CrashMain {
    private static final Set<String> OF_A_FLUSH = Set.of("insert", "update", "delete", "commitTransaction");

    private CrashMain() {}

    public static void main(String[] arguments) {
        CrashChild child = new CrashChild();
        Path journal = Path.of(arguments[2]);
        CrashWorkload workload = new CrashWorkload(Long.parseLong(arguments[3])).ofDocuments();
        try (MongoClient client = MongoClients.create(MongoClientSettings.builder()
                        .applyConnectionString(new ConnectionString(arguments[0]))
                        .addCommandListener(dyingInAFlush(child))
                        .build());
                Forebay forebay = CrashWorkload.busy()
                        .database("default", MongoSink.of(client, arguments[1]))
                        .journal(child.journal(journal))
                        .durability(Durability.SYNCED)
                        .listener(child.listener())
                        .build()) {
            workload.run(forebay, child, Integer.parseInt(arguments[4]));
            forebay.flushAndWait();
        }
    }

    /** Before any command that changes something: the intent, a level, a dead letter, the watermark. */
    private static CommandListener dyingInAFlush(CrashChild child) {
        return new CommandListener() {
            @Override
            public void commandStarted(CommandStartedEvent event) {
                if (OF_A_FLUSH.contains(event.getCommandName())) child.reached(KillPoint.Stage.MID_BATCH);
            }
        };
    }
}
