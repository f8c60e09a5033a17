package io.forebay.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.forebay.examples.ClickStream.Click;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClickStreamTest {
    @TempDir
    private Path folder;

    @Test
    void the_handler_gets_the_clicks_of_a_user_in_their_order() {
        List<Click> loaded = new CopyOnWriteArrayList<>();

        List<Integer> results = ClickStream.run(folder, batch -> {
            loaded.addAll(batch.events());
            return batch.events().size();
        });

        assertThat(loaded).containsExactly(new Click("ann", "/home"), new Click("ann", "/cart"));
        assertThat(results.stream().mapToInt(Integer::intValue).sum())
                .isPositive()
                .isLessThanOrEqualTo(2);
    }

    @Test
    void the_page_quotes_the_example_as_it_is() throws IOException {
        String source = Files.readString(Path.of("src/main/java/io/forebay/examples/ClickStream.java"));
        String quoted = source.substring(source.indexOf("[]\n") + 3, source.indexOf("        // end::"))
                .indent(-8);

        assertThat(Files.readString(Path.of("../docs/batch-buffer.md"))).contains(quoted);
    }
}
