package io.forebay.spi;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * What happens to one column. Values are normalised to their column. Immutable.
 *
 * <p>Codes 1 to 15 are those of relational columns, 16 to 63 those of documents.
 */
public sealed interface ColumnChange {
    /** The stable number of this kind in the journal. */
    byte code();

    /**
     * A document is changed by operations of its {@link DocumentAlgebra}; where there is none, they make one.
     *
     * @param content in the algebra's form
     */
    record Operations(Bytes content) implements ColumnChange {
        @Override
        public byte code() {
            return 16;
        }
    }

    /** The column becomes {@code value}; {@code null} is the database's NULL. */
    record Set(@Nullable Object value) implements ColumnChange {
        @Override
        public byte code() {
            return 1;
        }
    }

    /**
     * The column grows by {@code delta}, NULL counting as zero.
     *
     * @param delta a {@link Long}, a {@link BigDecimal} (an exact sum may be wider than the column) or a {@link Double}
     */
    record Add(Number delta) implements ColumnChange {
        public Add {
            if (!(delta instanceof Long || delta instanceof BigDecimal || delta instanceof Double))
                throw new IllegalArgumentException("delta must be a Long, BigDecimal or Double, was a "
                        + delta.getClass().getSimpleName());
        }

        @Override
        public byte code() {
            return 2;
        }
    }

    /** The column becomes the larger of itself and {@code value}; NULL counts as smaller than everything. */
    record Max(Object value) implements ColumnChange {
        @Override
        public byte code() {
            return 3;
        }
    }

    /** The column becomes the smaller of itself and {@code value}; NULL counts as larger than everything. */
    record Min(Object value) implements ColumnChange {
        @Override
        public byte code() {
            return 4;
        }
    }
}
