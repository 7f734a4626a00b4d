package io.github.derta.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.derta.io.BadInput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsTest {

  @TempDir Path folder;

  @Test
  void whatIsWrittenIsRead() throws IOException {
    Path file = folder.resolve("some.safetensors");
    Safetensors.write(
        file,
        List.of(
            tensor("matrix", new long[] {2, 3}, 1, -2, 3.5f, 0, 5, 6),
            tensor("number", new long[] {}, Float.NaN),
            tensor("nothing", new long[] {0, 4})));
    try (Weights weights = Safetensors.open(file)) {
      assertThat(weights.names()).containsExactlyInAnyOrder("matrix", "number", "nothing");
      assertThat(weights.shape("matrix")).containsExactly(2, 3);
      assertThat(weights.dtype("matrix")).isEqualTo("F32");
      assertThat(floats(Checkpoint.f32(weights, "matrix"))).containsExactly(1, -2, 3.5f, 0, 5, 6);
      assertThat(floats(Checkpoint.f32(weights, "number"))).containsExactly(Float.NaN);
      assertThat(floats(Checkpoint.f32(weights, "nothing"))).isEmpty();
    }
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void aPartOfATensorIsReadByItself() throws IOException {
    Path file = folder.resolve("some.safetensors");
    Safetensors.write(
        file,
        List.of(tensor("before", new long[] {1}, 9), tensor("rows", new long[] {4}, 1, 2, 3, 4)));
    ByteBuffer two = ByteBuffer.allocateDirect(8).order(ByteOrder.LITTLE_ENDIAN);
    try (Weights weights = Safetensors.open(file)) {
      weights.read("rows", 1, two);
      assertThat(floats(two.flip())).containsExactly(2, 3);
      assertThatThrownBy(() -> weights.read("rows", 3, two.clear()))
          .isInstanceOf(BadInput.class)
          .hasMessageContaining("\"rows\" has 4 values, 2 from value 3");
    }
  }

  @Test
  void everyFiniteHalfPrecisionFloatIsExpandedExactly() throws IOException {
    byte[] all = new byte[2 << 16];
    for (int i = 0; i < 1 << 16; i++) {
      all[2 * i] = (byte) i;
      all[2 * i + 1] = (byte) (i >> 8);
    }
    byte[] f16s = finite(all, 0x7C00);
    byte[] bf16s = finite(all, 0x7F80);
    String entry = "\"%s\":{\"dtype\":\"%s\",\"shape\":[65536],\"data_offsets\":[%d,%d]}";
    Path file =
        raw(
            "{"
                + entry.formatted("f", "F16", 0, 131072)
                + ","
                + entry.formatted("b", "BF16", 131072, 262144)
                + "}",
            concat(f16s, bf16s));
    try (Weights weights = Safetensors.open(file);
        Ops ops = new Ops(Device.cpu());
        NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
      float[] f16 = expanded(weights, "f", manager, ops);
      float[] bf16 = expanded(weights, "b", manager, ops);
      for (int i = 0; i < 1 << 16; i++) {
        assertThat(f16[i]).isEqualTo((Float) half(bits(f16s, i)));
        assertThat(Float.floatToRawIntBits(bf16[i])).isEqualTo(bits(bf16s, i) << 16);
      }
    }
  }

  /** Zeros where all bits of the exponent are set: infinities and NaN. */
  private static byte[] finite(byte[] halves, int exponent) {
    byte[] finite = halves.clone();
    for (int i = 0; i < halves.length / 2; i++) {
      if ((bits(halves, i) & exponent) == exponent) {
        finite[2 * i] = 0;
        finite[2 * i + 1] = 0;
      }
    }
    return finite;
  }

  private static int bits(byte[] halves, int i) {
    return halves[2 * i] & 255 | (halves[2 * i + 1] & 255) << 8;
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY})
  void aWeightThatIsNotFiniteIsNamed(float value) throws IOException {
    Path file = folder.resolve("some.safetensors");
    Safetensors.write(file, List.of(tensor("w", new long[] {2}, 1, value)));
    try (Weights weights = Safetensors.open(file);
        Ops ops = new Ops(Device.cpu());
        NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
      NDArray target = manager.create(new Shape(2), DataType.FLOAT32);
      assertThatThrownBy(() -> weights.copyTo("w", target, ops))
          .isInstanceOf(BadInput.class)
          .hasMessage(file + ": tensor \"w\" holds NaN or infinity; finite weights are needed");
    }
  }

  @Test
  void oneFileGoesBeforeShardsWithAWarning() throws IOException {
    Safetensors.write(folder.resolve("one.safetensors"), List.of(tensor("a", new long[] {1}, 1)));
    Files.writeString(
        folder.resolve("model.safetensors.index.json"),
        "{\"weight_map\":{\"a\":\"one.safetensors\"}}");
    Safetensors.write(folder.resolve("model.safetensors"), List.of(tensor("b", new long[] {1}, 1)));
    assertThat(Printed.err(() -> Safetensors.open(folder).close()))
        .startsWith("warning: " + folder + ": model.safetensors is read, as transformers does");
  }

  private static float[] expanded(Weights weights, String name, NDManager manager, Ops ops) {
    NDArray target = manager.create(new Shape(65536), DataType.FLOAT32);
    weights.copyTo(name, target, ops);
    return target.toFloatArray();
  }

  /** IEEE 754 binary16 as the standard words it. */
  private static float half(int bits) {
    double sign = bits >> 15 == 0 ? 1 : -1;
    int exponent = bits >> 10 & 31;
    int fraction = bits & 1023;
    return (float)
        (exponent == 0
            ? sign * Math.pow(2, -14) * fraction / 1024
            : sign * Math.pow(2, exponent - 15) * (1 + fraction / 1024.0));
  }

  @Test
  void shardsAreReadAsOneAndEachMustBeThere() throws IOException {
    Safetensors.write(folder.resolve("one.safetensors"), List.of(tensor("a", new long[] {1}, 1)));
    Safetensors.write(
        folder.resolve("two.safetensors"), List.of(tensor("b", new long[] {2}, 3, 4)));
    Files.writeString(
        folder.resolve("model.safetensors.index.json"),
        "{\"weight_map\":{\"a\":\"one.safetensors\",\"b\":\"two.safetensors\"}}");
    try (Weights weights = Safetensors.open(folder)) {
      assertThat(weights.names()).containsExactly("a", "b");
      assertThat(floats(Checkpoint.f32(weights, "b"))).containsExactly(3, 4);
    }
    Files.delete(folder.resolve("two.safetensors"));
    refused(folder, "names two.safetensors, which is not in this folder");
  }

  @Test
  void anIndexCannotLeadOutOfItsFolder() throws IOException {
    Files.writeString(
        folder.resolve("model.safetensors.index.json"),
        "{\"weight_map\":{\"a\":\"../other.safetensors\"}}");
    refused(folder, "tensor \"a\" is said to be in \"../other.safetensors\"");
  }

  @Test
  void aTensorThatTheIndexListsMustBeInAShard() throws IOException {
    Safetensors.write(folder.resolve("one.safetensors"), List.of(tensor("a", new long[] {1}, 1)));
    Files.writeString(
        folder.resolve("model.safetensors.index.json"),
        "{\"weight_map\":{\"a\":\"one.safetensors\",\"b\":\"one.safetensors\"}}");
    refused(folder, "no shard holds tensor \"b\"");
  }

  @Test
  void aPickleIsRefusedWithTheLineThatConvertsIt() throws IOException {
    Files.write(folder.resolve("pytorch_model.bin"), new byte[10]);
    refused(folder, "python -c \"from transformers import");
    refused(folder.resolve("pytorch_model.bin"), "python -c \"from transformers import");
  }

  @Test
  void valuesThatAreNoFloatsAreRefusedByName() throws IOException {
    Path file =
        raw("{\"ids\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]}}", new byte[8]);
    try (Weights weights = Safetensors.open(file)) {
      assertThatThrownBy(() -> Checkpoint.f32(weights, "ids"))
          .isInstanceOf(BadInput.class)
          .hasMessageContaining("tensor \"ids\" is I64; weights must be F32, F16 or BF16");
      assertThatThrownBy(() -> Checkpoint.f32(weights, "other"))
          .isInstanceOf(BadInput.class)
          .hasMessageContaining("no tensor \"other\"");
    }
  }

  @Test
  void aHeaderThatLiesIsRefused() throws IOException {
    refused(raw("[]", new byte[0]), "not a JSON object");
    refused(raw("{\"a\":", new byte[0]), "not valid JSON");
    refused(entry("F99", "[1]", "[0,4]", 4), "tensor \"a\": dtype \"F99\" is unknown");
    refused(entry("F32", "[1]", "[0,8]", 4), "do not lie within the 4 bytes");
    refused(entry("F32", "[1]", "[4,0]", 4), "do not lie within the 4 bytes");
    refused(entry("F32", "[2]", "[0,4]", 4), "F32 [2] needs 8 bytes, data_offsets give it 4");
    refused(entry("F32", "[4294967296,4294967296]", "[0,4]", 4), "needs too many bytes");
    refused(entry("F32", "[-1]", "[0,4]", 4), "a list of whole numbers is needed");
    refused(entry("F32", "[1.0]", "[0,4]", 4), "a list of whole numbers is needed");
    refused(entry("F32", "[1]", "[0,99999999999999999999]", 4), "a list of whole numbers");
    refused(entry("F32", "[1]", "[0,4]", 9), "5 bytes at its end belong to no tensor");
    refused(entry("F32", "[1]", "[4,8]", 8), "values begin at byte 4 of the data, 0 is where");
    String twice = "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}";
    refused(raw("{" + twice + "," + twice + "}", new byte[4]), "Duplicate field 'a'");
    refused(
        raw("{" + twice + "," + twice.replace("\"a\"", "\"b\"") + "}", new byte[4]),
        "values begin at byte 0 of the data, 4 is where");
  }

  @Test
  void aHeaderLongerThanTheFileIsRefusedBeforeItIsRead() throws IOException {
    Path file = folder.resolve("long.safetensors");
    Files.write(file, new byte[] {-1, -1, -1, -1, -1, -1, -1, 127, '{', '}'});
    refused(file, "its header claims 9223372036854775807 bytes, the file has 10");
    Files.write(file, new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, '{', '}'});
    refused(file, "its header claims 18446744073709551615 bytes");
    Files.write(file, new byte[3]);
    refused(file, "has 3 bytes");
  }

  private Path entry(String dtype, String shape, String offsets, int bytes) throws IOException {
    return raw(
        "{\"a\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":%s}}"
            .formatted(dtype, shape, offsets),
        new byte[bytes]);
  }

  private Path raw(String header, byte[] values) throws IOException {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    Path file = folder.resolve("raw.safetensors");
    Files.write(file, concat(concat(length.putLong(text.length).array(), text), values));
    return file;
  }

  private static byte[] concat(byte[] first, byte[] second) {
    return ByteBuffer.allocate(first.length + second.length).put(first).put(second).array();
  }

  private static void refused(Path path, String message) {
    assertThatThrownBy(() -> Safetensors.open(path))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining(message);
  }

  private static Safetensors.Tensor tensor(String name, long[] shape, float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return new Safetensors.Tensor(name, shape, bytes::duplicate);
  }

  private static float[] floats(ByteBuffer bytes) {
    float[] values = new float[bytes.remaining() / 4];
    bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    return values;
  }
}
