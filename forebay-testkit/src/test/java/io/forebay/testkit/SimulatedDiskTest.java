package io.forebay.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.forebay.spi.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SimulatedDiskTest {
    @Test
    void a_power_cut_keeps_what_was_forced_and_each_other_sector_by_chance() throws IOException {
        Set<String> outcomes = new HashSet<>();
        for (int seed = 0; seed < 200; seed++) {
            SimulatedDisk disk = new SimulatedDisk(seed);
            Disk.File file = disk.create("f");
            file.write(filled(3 * 512, 'a'), 0);
            file.force();
            disk.forceDirectory();
            file.write(filled(2 * 512, 'b'), 512);
            outcomes.add(firstBytesOfSectors(disk.powerCut()));
        }
        assertThat(outcomes).containsExactlyInAnyOrder("aaa", "aab", "aba", "abb");
    }

    @Test
    void a_name_survives_by_chance_until_the_directory_is_forced() throws IOException {
        Set<Set<String>> outcomes = new HashSet<>();
        for (int seed = 0; seed < 200; seed++) {
            SimulatedDisk disk = new SimulatedDisk(seed);
            disk.create("a");
            disk.create("b");
            outcomes.add(Set.copyOf(disk.powerCut().list()));
        }
        assertThat(outcomes).containsExactlyInAnyOrder(Set.of(), Set.of("a"), Set.of("b"), Set.of("a", "b"));
    }

    @Test
    void the_same_seed_gives_the_same_disk() throws IOException {
        for (int seed = 0; seed < 20; seed++) assertThat(tornFile(seed)).isEqualTo(tornFile(seed));
    }

    @Test
    void a_dead_disk_answers_nothing() throws IOException {
        SimulatedDisk disk = new SimulatedDisk(1);
        Disk.File file = disk.create("f");
        SimulatedDisk next = disk.crash();

        assertThatThrownBy(() -> file.write(filled(1, 'a'), 0)).isInstanceOf(IOException.class);
        assertThatThrownBy(disk::list).isInstanceOf(IOException.class);
        assertThat(next.list()).containsExactly("f");
    }

    @Test
    void a_full_disk_takes_what_fits() throws IOException {
        SimulatedDisk disk = new SimulatedDisk(1);
        disk.limitTo(700);
        Disk.File file = disk.create("f");

        assertThatThrownBy(() -> file.write(filled(1_000, 'a'), 0)).hasMessage("No space left on device");
        assertThat(file.size()).isEqualTo(700);
        file.write(filled(700, 'b'), 0); // in place
        assertThat(disk.freeBytes()).isZero();
    }

    private static String tornFile(int seed) throws IOException {
        SimulatedDisk disk = new SimulatedDisk(seed);
        Disk.File file = disk.create("f");
        disk.forceDirectory();
        file.write(filled(30 * 512, 'a'), 0);
        return firstBytesOfSectors(disk.powerCut());
    }

    private static String firstBytesOfSectors(SimulatedDisk disk) throws IOException {
        StringBuilder bytes = new StringBuilder();
        try (Disk.File file = disk.open("f")) {
            for (long at = 0; at < file.size(); at += 512) {
                ByteBuffer one = ByteBuffer.allocate(1);
                file.read(one, at);
                bytes.append((char) one.get(0));
            }
        }
        return bytes.toString();
    }

    private static ByteBuffer filled(int bytes, char content) {
        ByteBuffer buffer = ByteBuffer.allocate(bytes);
        while (buffer.hasRemaining()) buffer.put((byte) content);
        return buffer.flip();
    }
}
