package io.github.derta.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.JsonNode;
import io.github.derta.io.JsonLines;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.StreamSupport;

/** A small checkpoint among the test resources and what transformers makes of it. */
record Checkpoint(String name, Path folder, JsonNode expected) {

  static Checkpoint named(String name) {
    try {
      Path folder = Path.of(Checkpoint.class.getResource("checkpoints/" + name).toURI());
      return new Checkpoint(
          name, folder, JsonLines.MAPPER.readTree(folder.resolve("expected.json").toFile()));
    } catch (IOException | URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  Batch batch() {
    return new Batch(matrix("ids"), matrix("labels"));
  }

  double loss() {
    return expected.get("loss").doubleValue();
  }

  List<int[]> prompts() {
    return List.of(matrix("prompts"));
  }

  List<int[]> greedy() {
    return List.of(matrix("greedy"));
  }

  Weights tensors() {
    return Safetensors.open(folder.resolve("expected.safetensors"));
  }

  /** Rows in which every token but the first is to be predicted. */
  static Batch ofText(int[]... ids) {
    return new Batch(ids, ids);
  }

  /** All values of a tensor of 32-bit floats. */
  static ByteBuffer f32(Weights weights, String name) {
    int bytes = (int) (4 * LongStream.of(weights.shape(name)).reduce(1, (a, b) -> a * b));
    ByteBuffer values = ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
    weights.read(name, 0, values);
    return values.flip();
  }

  /** Norm of the difference over the norm of what is expected. */
  static double distance(NDArray found, Weights tensors, String name) {
    ByteBuffer expected = f32(tensors, name);
    double difference = 0;
    double norm = 0;
    for (float value : found.toFloatArray()) {
      float wanted = expected.getFloat();
      difference += (value - wanted) * (double) (value - wanted);
      norm += wanted * (double) wanted;
    }
    assertThat(expected.hasRemaining()).isFalse();
    return Math.sqrt(difference / norm);
  }

  private int[][] matrix(String field) {
    return rows(expected.get(field)).toArray(int[][]::new);
  }

  static List<int[]> rows(JsonNode matrix) {
    return StreamSupport.stream(matrix.spliterator(), false).map(Checkpoint::ints).toList();
  }

  static int[] ints(JsonNode row) {
    return StreamSupport.stream(row.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
  }
}
