package io.forebay;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/** A write only moves forward through the rooms of the house, and the rooms stay closed. DESIGN §3. */
class ArchitectureTest {
    private static final String INTERNAL = "io.forebay.internal.";

    /** The rooms of {@code internal}, in the order a write meets them; none knows a later one. */
    private static final List<String> WAY =
            List.of("mutation", "codec", "journal", "pending", "commit", "flush", "read", "share", "lifecycle");

    private static final JavaClasses CORE = new ClassFileImporter()
            .importUrl(Forebay.class.getProtectionDomain().getCodeSource().getLocation());

    @Test
    void every_internal_package_has_its_place_on_the_way() {
        List<String> rooms = CORE.stream()
                .map(type -> type.getPackageName())
                .filter(name -> name.startsWith(INTERNAL))
                .map(name -> name.substring(INTERNAL.length()))
                .distinct()
                .toList();

        assertThat(rooms).containsExactlyInAnyOrderElementsOf(WAY);
    }

    @Test
    void a_write_only_moves_forward() {
        for (int i = 0; i < WAY.size() - 1; i++) {
            List<String> later = new ArrayList<>();
            for (String room : WAY.subList(i + 1, WAY.size())) later.add(INTERNAL + room + "..");
            noClasses()
                    .that()
                    .resideInAPackage(INTERNAL + WAY.get(i) + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(later.toArray(String[]::new))
                    .check(CORE);
        }
    }

    @Test
    void internal_packages_have_no_cycles() {
        slices().matching("io.forebay.internal.(*)..").should().beFreeOfCycles().check(CORE);
    }

    @Test
    void what_an_adapter_implements_does_not_know_the_inside() {
        noClasses()
                .that()
                .resideInAPackage("io.forebay.spi..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.forebay.internal..")
                .check(CORE);
    }

    /** Of the API it knows one value, a table's missing-row policy. */
    @Test
    void the_merge_algebra_knows_only_the_spi() {
        noClasses()
                .that()
                .resideInAPackage("io.forebay.internal.mutation..")
                .should()
                .dependOnClassesThat(resideInAPackage("io.forebay..")
                        .and(not(resideInAnyPackage("io.forebay.internal.mutation..", "io.forebay.spi..")))
                        .and(not(belongToAnyOf(MissingRow.class))))
                .check(CORE);
    }

    @Test
    void the_journal_knows_bytes_and_positions_not_what_rows_mean() {
        noClasses()
                .that()
                .resideInAPackage("io.forebay.internal.journal..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.forebay.internal.mutation..",
                        "io.forebay.internal.codec..",
                        "io.forebay.internal.pending..")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("io.forebay.spi.Stage")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("io.forebay.spi.RowKey")
                .check(CORE);
    }

    @Test
    void the_inside_does_not_call_the_front_door() {
        noClasses()
                .that()
                .resideInAPackage("io.forebay.internal..")
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(Forebay.class, Table.class, Row.class, Database.class, Source.class)
                .check(CORE);
    }

    @Test
    void only_the_lifecycle_makes_threads() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.forebay.internal.lifecycle..")
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(
                        Executors.class,
                        java.util.concurrent.ThreadPoolExecutor.class,
                        java.util.concurrent.ForkJoinPool.class,
                        java.util.Timer.class)
                .check(CORE);
        noClasses()
                .that()
                .resideOutsideOfPackage("io.forebay.internal.lifecycle..")
                .should()
                .callConstructor(Thread.class)
                .orShould()
                .callConstructor(Thread.class, Runnable.class)
                .orShould()
                .callConstructor(Thread.class, String.class)
                .orShould()
                .callConstructor(Thread.class, Runnable.class, String.class)
                .orShould()
                .callConstructor(Thread.class, ThreadGroup.class, Runnable.class)
                .orShould()
                .callConstructor(Thread.class, ThreadGroup.class, Runnable.class, String.class)
                .orShould()
                .beAssignableTo(Thread.class)
                .orShould()
                .callMethod(CompletableFuture.class, "runAsync", Runnable.class)
                .orShould()
                .callMethod(CompletableFuture.class, "supplyAsync", java.util.function.Supplier.class)
                .orShould()
                .callMethod(CompletableFuture.class, "runAsync", Runnable.class, Executor.class)
                .check(CORE);
    }

    @Test
    void the_core_knows_no_database_but_the_data_source_it_hands_on() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.sql..")
                .check(CORE);
        noClasses()
                .that()
                .resideOutsideOfPackage("io.forebay.spi..")
                .and(not(belongToAnyOf(Forebay.class, Forebay.Builder.class)))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("javax.sql..")
                .check(CORE);
    }

    /** A clock that is set while the program runs neither stops a flush nor starts one. */
    @Test
    void the_clock_of_the_wall_is_never_asked() {
        noClasses()
                .should()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(java.time.Instant.class, "now")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(java.time.Clock.class)
                .check(CORE);
    }

    @Test
    void the_core_needs_nothing_but_java_slf4j_and_jspecify() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideOutsideOfPackages("io.forebay..", "java..", "javax.sql..", "org.slf4j..", "org.jspecify..")
                .check(CORE);
    }
}
