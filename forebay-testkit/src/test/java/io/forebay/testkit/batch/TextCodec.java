package io.forebay.testkit.batch;

import io.forebay.batch.EventCodec;
import java.nio.charset.StandardCharsets;

/** Events that are text. */
final class TextCodec implements EventCodec<String> {
    @Override
    public byte[] write(String event) {
        return event.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String read(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
