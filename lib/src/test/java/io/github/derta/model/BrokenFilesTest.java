package io.github.derta.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.github.derta.Faults;
import io.github.derta.io.BadInput;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/**
 * Valid files with a few bytes changed are read, or refused with {@link BadInput}: no third way.
 */
class BrokenFilesTest {

  private static final long ALLOCATION_LIMIT = 16 << 20;

  private static final String CONFIG =
      """
      {"model_type": "llama", "vocab_size": 11, "hidden_size": 8, "num_hidden_layers": 1,
      "num_attention_heads": 2, "num_key_value_heads": 1, "intermediate_size": 6,
      "tie_word_embeddings": true, "rope_scaling": {"rope_type": "llama3", "factor": 8.0,
      "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 64},
      "eos_token_id": [2, 3], "rms_norm_eps": 1e-05, "max_position_embeddings": 512}
      """;

  private static Path folder;
  private static byte[] weights;
  private static long files;
  private static long refused;

  /** What is done to a file: at a place (a share of its length), a change of one of five kinds. */
  record Change(double place, int kind, int value) {}

  @BeforeContainer
  static void writeAModel() throws IOException {
    folder = Files.createTempDirectory("broken");
    Files.writeString(folder.resolve("config.json"), CONFIG);
    Random random = new Random(1);
    List<Safetensors.Tensor> tensors =
        ModelConfig.load(folder).tensors().entrySet().stream()
            .map(
                tensor -> {
                  byte[] values = new byte[(int) (4 * product(tensor.getValue()))];
                  random.nextBytes(values);
                  return new Safetensors.Tensor(
                      tensor.getKey(), tensor.getValue(), () -> ByteBuffer.wrap(values));
                })
            .toList();
    Safetensors.write(folder.resolve(Safetensors.SINGLE), tensors);
    weights = Files.readAllBytes(folder.resolve("model.safetensors"));
    // What is allocated when a class is first used, by the coverage agent too, is no file's doing.
    for (Change change : List.of(new Change(0.5, 4, 0), new Change(0, 2, 9))) {
      readOrRefuseWeights(List.of(change));
      readOrRefuseConfig(List.of(change));
    }
  }

  @AfterContainer
  static void deleteIt() throws IOException {
    String among = "%d refused, the others read".formatted(refused);
    Faults.tell("files of models with changed bytes", files, among, 0, 0);
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }

  private static long product(long[] shape) {
    long product = 1;
    for (long n : shape) {
      product *= n;
    }
    return product;
  }

  @Provide
  Arbitrary<List<Change>> changes() {
    return Combinators.combine(
            Arbitraries.doubles().between(0, 1),
            Arbitraries.integers().between(0, 4),
            Arbitraries.integers().between(0, 255))
        .as(Change::new)
        .list()
        .ofMinSize(1)
        .ofMaxSize(4);
  }

  @Property(tries = 100)
  void brokenWeightsAreReadOrRefused(@ForAll("changes") List<Change> changes) throws IOException {
    assertThat(readOrRefuseWeights(changes)).isLessThan(ALLOCATION_LIMIT);
  }

  @Property(tries = 1000)
  @Tag("slow")
  void brokenWeightsAreReadOrRefusedAThousandTimes(@ForAll("changes") List<Change> changes)
      throws IOException {
    assertThat(readOrRefuseWeights(changes)).isLessThan(ALLOCATION_LIMIT);
  }

  @Property(tries = 100)
  void aBrokenConfigIsReadOrRefused(@ForAll("changes") List<Change> changes) throws IOException {
    assertThat(readOrRefuseConfig(changes)).isLessThan(ALLOCATION_LIMIT);
  }

  @Property(tries = 1000)
  @Tag("slow")
  void aBrokenConfigIsReadOrRefusedAThousandTimes(@ForAll("changes") List<Change> changes)
      throws IOException {
    assertThat(readOrRefuseConfig(changes)).isLessThan(ALLOCATION_LIMIT);
  }

  private static long readOrRefuseWeights(List<Change> changes) throws IOException {
    int header = 8 + (int) ByteBuffer.wrap(weights).order(ByteOrder.LITTLE_ENDIAN).getLong();
    Path file = folder.resolve("changed.safetensors");
    Files.write(file, changed(weights, header, changes));
    return allocatedBy(
        () -> {
          try (Weights found = Safetensors.open(file)) {
            for (String name : found.names()) {
              long values = product(found.shape(name));
              assertThat(Checkpoint.f32(found, name).remaining()).isEqualTo(4 * values);
            }
          }
        });
  }

  private static long readOrRefuseConfig(List<Change> changes) throws IOException {
    Path changed = Files.createDirectories(folder.resolveSibling(folder.getFileName() + "-config"));
    byte[] valid = CONFIG.getBytes(StandardCharsets.UTF_8);
    Files.write(changed.resolve("config.json"), changed(valid, valid.length, changes));
    long allocated =
        allocatedBy(
            () -> {
              try (Weights found = Safetensors.open(folder)) {
                ModelConfig.load(changed).check(found);
              }
            });
    Files.delete(changed.resolve("config.json"));
    Files.delete(changed);
    return allocated;
  }

  /** Bytes that reading or refusing allocates in this thread. */
  private static long allocatedBy(Runnable read) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    files++;
    String told = "";
    try {
      read.run();
    } catch (BadInput expected) {
      refused++;
      told = expected.getMessage();
    }
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertThat(told).matches("(?s)|.{10,600}");
    return allocated;
  }

  /** Changes lie in the first {@code length} bytes, where the meaning is. */
  private static byte[] changed(byte[] valid, int length, List<Change> changes) {
    byte[] bytes = valid;
    for (Change change : changes) {
      int at = (int) (change.place() * (Math.min(length, bytes.length) - 1));
      if (bytes.length > 0) {
        bytes = changed(bytes, at, change);
      }
    }
    return bytes;
  }

  private static byte[] changed(byte[] bytes, int at, Change change) {
    ByteArrayOutputStream result = new ByteArrayOutputStream();
    result.write(bytes, 0, at);
    switch (change.kind()) {
      case 0 -> result.write(change.value()); // another byte
      case 1 -> result.write('0' + change.value() % 10); // another digit: other shapes, offsets
      case 2 -> { // one more digit
        result.write(bytes[at]);
        result.write('0' + change.value() % 10);
      }
      case 3 -> {} // one byte less
      default -> {
        return result.toByteArray(); // the end is cut off
      }
    }
    result.write(bytes, at + 1, bytes.length - at - 1);
    return result.toByteArray();
  }
}
