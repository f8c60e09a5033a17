package io.forebay.mongodb.client;

import static com.mongodb.client.model.Filters.eq;
import static com.mongodb.client.model.Updates.combine;
import static com.mongodb.client.model.Updates.currentDate;
import static com.mongodb.client.model.Updates.inc;
import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.UpdateOptions;
import io.forebay.mongodb.document.TestMongo;
import java.nio.file.Path;
import org.bson.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example of {@code docs/mongodb-client.md}. */
class BufferedMongoExampleTest {
    @TempDir
    private Path journal;

    @Test
    void the_example_counts() {
        try (TestMongo server = new TestMongo();
                MongoClient before = server.connect()) {
            before.getDatabase("shop").drop();

            assertThat(views(server.connect(), journal)).isEqualTo(1000);
            assertThat(before.getDatabase("shop")
                            .getCollection("page_views")
                            .find(eq("_id", "/home"))
                            .first())
                    .containsEntry("views", 1000);
        }
    }

    private static int views(MongoClient client, Path journal) {
        try (BufferedMongoClient mongo = BufferedMongo.wrap(
                client,
                BufferedMongoOptions.builder()
                        .collections("shop", "page_views", "orders")
                        .journal(journal)
                        .build())) {
            MongoCollection<Document> pages = mongo.getDatabase("shop").getCollection("page_views");
            UpdateOptions upsert = new UpdateOptions().upsert(true);
            for (int i = 0; i < 1000; i++)
                pages.updateOne(eq("_id", "/home"), combine(inc("views", 1), currentDate("last")), upsert);

            return pages.find(eq("_id", "/home")).first().getInteger("views"); // 1000, and one update at the server
        }
    }
}
