package io.forebay.kafka;

import io.forebay.spi.TransientSinkException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;

/** Turns what Kafka's clients throw into what a journal throws. */
final class KafkaErrors {
    private KafkaErrors() {}

    /**
     * Waits for an answer; the client limits the time.
     *
     * @throws KafkaException as the client fails
     */
    static <T> T await(Future<T> answer) {
        try {
            return answer.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof KafkaException known) throw known;
            throw new KafkaException(e);
        } catch (InterruptedException e) {
            throw new InterruptException(e); // sets the thread's mark
        }
    }

    /**
     * Does something that needs Kafka.
     *
     * @param what names it in the message
     * @throws TransientSinkException if Kafka fails
     */
    static <T> T calling(String what, Supplier<T> call) {
        try {
            return call.get();
        } catch (KafkaException e) {
            throw failed(what, e);
        }
    }

    static TransientSinkException failed(String what, Exception e) {
        return new TransientSinkException(
                "%s failed: %s: %s".formatted(what, e.getClass().getSimpleName(), e.getMessage()), e);
    }
}
