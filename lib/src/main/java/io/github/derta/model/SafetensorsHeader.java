package io.github.derta.model;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The header of one safetensors file, believed only where it agrees with the size of the file: 8
 * bytes of length, a JSON object {@code name -> dtype, shape, data_offsets}, then the values of all
 * tensors without a gap.
 */
final class SafetensorsHeader {

  /** The limit of the format itself. */
  private static final long MAX_HEADER_BYTES = 100_000_000;

  /** The types of the format by the bytes of a value. */
  private static final Map<Integer, Set<String>> TYPES =
      Map.of(
          1, Set.of("BOOL", "U8", "I8", "F8_E4M3", "F8_E5M2", "F8_E8M0"),
          2, Set.of("U16", "I16", "F16", "BF16"),
          4, Set.of("U32", "I32", "F32"),
          8, Set.of("U64", "I64", "F64", "C64"));

  /** Twice the same name is an error, as is anything after the object. */
  private static final ObjectReader STRICT =
      JsonLines.MAPPER
          .reader()
          .with(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /**
   * One tensor.
   *
   * @param width bytes of a value
   * @param shape its dimensions
   * @param begin where its values begin, in bytes from the start of the file
   * @param end where they end
   */
  record Entry(String name, String dtype, int width, long[] shape, long begin, long end) {

    long size() {
      return (end - begin) / width;
    }
  }

  private final Path file;
  private final long fileBytes;

  private SafetensorsHeader(Path file, long fileBytes) {
    this.file = file;
    this.fileBytes = fileBytes;
  }

  /** The tensors of a file in the order of their values. */
  static List<Entry> read(Path file, FileChannel channel) throws IOException {
    return new SafetensorsHeader(file, channel.size()).read(channel);
  }

  private List<Entry> read(FileChannel channel) throws IOException {
    if (fileBytes < 8) {
      throw wrong("has " + fileBytes + " bytes, a safetensors file begins with 8 bytes of length");
    }
    long headerBytes = bytes(channel, 0, 8).getLong(0);
    if (headerBytes < 2 || headerBytes > fileBytes - 8) {
      throw wrong(
          "its header claims %s bytes, the file has %d; it is truncated or not a safetensors file"
              .formatted(Long.toUnsignedString(headerBytes), fileBytes));
    }
    if (headerBytes > MAX_HEADER_BYTES) {
      throw wrong("its header has " + headerBytes + " bytes, at most 100,000,000 are allowed");
    }
    JsonNode json;
    try {
      json = STRICT.readTree(bytes(channel, 8, (int) headerBytes).array());
    } catch (IOException e) {
      throw new BadInput(file + ": its header is not valid JSON (" + firstLine(e) + ")", e);
    }
    if (!json.isObject()) {
      throw wrong("its header is not a JSON object");
    }
    List<Entry> entries = new ArrayList<>();
    for (Map.Entry<String, JsonNode> field : json.properties()) {
      if (!field.getKey().equals("__metadata__")) {
        entries.add(entry(field.getKey(), field.getValue(), 8 + headerBytes));
      }
    }
    return inOrder(entries, 8 + headerBytes);
  }

  private Entry entry(String name, JsonNode json, long dataStart) {
    String dtype = json.path("dtype").asText("");
    int width =
        TYPES.keySet().stream()
            .filter(bytes -> TYPES.get(bytes).contains(dtype))
            .findFirst()
            .orElseThrow(() -> wrong(name, "dtype \"" + dtype + "\" is unknown"));
    long[] shape = longs(name, json, "shape");
    long[] offsets = longs(name, json, "data_offsets");
    if (offsets.length != 2 || offsets[0] > offsets[1] || offsets[1] > fileBytes - dataStart) {
      throw wrong(
          name,
          "data_offsets %s do not lie within the %d bytes of values"
              .formatted(json.path("data_offsets"), fileBytes - dataStart));
    }
    long needed = bytesOf(shape, width);
    if (needed != offsets[1] - offsets[0]) {
      throw wrong(
          name,
          "%s %s needs %s bytes, data_offsets give it %d"
              .formatted(
                  dtype,
                  json.path("shape"),
                  needed < 0 ? "too many" : needed,
                  offsets[1] - offsets[0]));
    }
    return new Entry(name, dtype, width, shape, dataStart + offsets[0], dataStart + offsets[1]);
  }

  /** The number of bytes, or -1 if it does not fit a long. */
  private static long bytesOf(long[] shape, int each) {
    long product = each;
    for (long n : shape) {
      if (n != 0 && product > Long.MAX_VALUE / n) {
        return -1;
      }
      product *= n;
    }
    return product;
  }

  private long[] longs(String name, JsonNode json, String field) {
    JsonNode array = json.path(field);
    long[] values = new long[array.size()];
    boolean valid = array.isArray();
    for (int i = 0; valid && i < values.length; i++) {
      values[i] = array.get(i).longValue();
      valid = array.get(i).isIntegralNumber() && array.get(i).canConvertToLong() && values[i] >= 0;
    }
    if (!valid) {
      throw wrong(name, field + " is " + shortened(array) + ", a list of whole numbers is needed");
    }
    return values;
  }

  private List<Entry> inOrder(List<Entry> entries, long dataStart) {
    entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    long expected = dataStart;
    for (Entry entry : entries) {
      if (entry.begin() != expected) {
        throw wrong(
            entry.name(),
            "its values begin at byte %d of the data, %d is where the tensor before ends; values"
                    .formatted(entry.begin() - dataStart, expected - dataStart)
                + " must neither overlap nor leave a gap");
      }
      expected = entry.end();
    }
    if (expected != fileBytes) {
      throw wrong((fileBytes - expected) + " bytes at its end belong to no tensor");
    }
    return entries;
  }

  private ByteBuffer bytes(FileChannel channel, long position, int count) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, position + bytes.position()) < 0) {
        throw wrong("ends within its header");
      }
    }
    return bytes;
  }

  private BadInput wrong(String problem) {
    return new BadInput(file + ": " + problem);
  }

  private BadInput wrong(String name, String problem) {
    return new BadInput(file + ": tensor \"" + name + "\": " + problem);
  }

  private static String shortened(JsonNode json) {
    String text = json.isMissingNode() ? "missing" : json.toString();
    return text.length() <= 60 ? text : text.substring(0, 60) + "...";
  }

  private static String firstLine(Exception e) {
    return e.getMessage().lines().findFirst().orElse("");
  }
}
