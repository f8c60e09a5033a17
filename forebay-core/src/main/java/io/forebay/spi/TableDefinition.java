package io.forebay.spi;

import io.forebay.MissingRow;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A table as an application declared it.
 *
 * @param info what the database says of it
 * @param missingRow what happens to an update of a row that does not exist; {@link MissingRow#INSERT} is already in the
 *     stages ({@link Stage.Kind#UPSERT}) when a sink sees them
 * @param group the routing group, or null if the table's rows are spread by their own key
 * @param routedBy the column whose value decides the partition within the group, or null for one partition per group
 * @param spread whether inserts without a key are spread over all partitions, giving up their order
 */
public record TableDefinition(
        TableInfo info,
        MissingRow missingRow,
        @Nullable String group,
        @Nullable String routedBy,
        boolean spread) {

    /** Whether both send every row to the same partition. */
    public boolean isRoutedLike(TableDefinition other) {
        return Objects.equals(group, other.group) && Objects.equals(routedBy, other.routedBy);
    }
}
