package io.github.derta.io;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.Consumer;

/** JSON Lines files: UTF-8, one JSON value a line, {@code \n} at the end of each. */
public final class JsonLines {

  /** The mapper of every JSON text of the kit. */
  public static final ObjectMapper MAPPER = JsonMapper.builder().build();

  private JsonLines() {}

  /**
   * One record and where it stands.
   *
   * @param file the file
   * @param number the line, counted from 1
   * @param value the record
   */
  public record Line(Path file, long number, JsonNode value) {

    /**
     * The text of a required field.
     *
     * @param field a name of this record's object
     * @return its text
     * @throws BadInput if the field is missing, is not a string, or holds half a character
     */
    public String text(String field) {
      JsonNode node = value.path(field);
      if (!node.isTextual()) {
        throw bad("field \"" + field + "\" is " + Shape.kind(node) + "; a string is needed");
      }
      return whole(node, field);
    }

    /** The text of a field, or of a path that begins with it. */
    String whole(JsonNode text, String field) {
      if (!StandardCharsets.UTF_8.newEncoder().canEncode(text.textValue())) {
        throw bad(
            "field \""
                + field.replaceAll("[.|].*", "")
                + "\" holds half a character (a lone \\ud800-\\udfff)");
      }
      return text.textValue();
    }

    /**
     * {@return the mistake to throw}
     *
     * @param problem what is wrong with this record and what would be right
     */
    public BadInput bad(String problem) {
      return BadInput.at(file, number, problem);
    }

    /**
     * The numbers of a required field.
     *
     * @param field a name of this record's object
     * @return its whole numbers
     * @throws BadInput if the field is missing or is not an array of whole numbers
     */
    public int[] ints(String field) {
      JsonNode node = value.path(field);
      if (!node.isArray()) {
        throw bad("field \"" + field + "\" is not an array, whole numbers are needed");
      }
      int[] ints = new int[node.size()];
      for (int i = 0; i < ints.length; i++) {
        if (!node.get(i).isIntegralNumber() || !node.get(i).canConvertToInt()) {
          throw bad(
              "field \"%s\" holds %s at position %d, a whole number is needed"
                  .formatted(field, node.get(i), i + 1));
        }
        ints[i] = node.get(i).intValue();
      }
      return ints;
    }
  }

  /**
   * {@return the object that a file holds}
   *
   * @param file a JSON file
   * @throws BadInput if it cannot be read or holds something else
   */
  public static ObjectNode object(Path file) {
    try {
      if (MAPPER.readTree(file.toFile()) instanceof ObjectNode object) {
        return object;
      }
    } catch (IOException e) {
      throw new BadInput(file + ": not JSON (" + e.getMessage() + ")", e);
    }
    throw new BadInput(file + ": a JSON object is needed");
  }

  /**
   * Reads a file record by record; empty lines are passed over. One JSON array is read as well.
   *
   * @param file a JSON Lines file, UTF-8 with or without a byte order mark
   * @param each receives every record in order
   * @throws BadInput if the file cannot be read or a line is not JSON
   */
  public static void read(Path file, Consumer<Line> each) {
    new RecordFile(file, null, null).forEach(entry -> each.accept(entry.line()));
  }

  /**
   * {@return a receiver that refuses a second record of the same {@code id}; records without one
   * pass}
   *
   * @param each receives every record in order
   */
  public static Consumer<Line> distinctIds(Consumer<Line> each) {
    Map<JsonNode, Long> lines = new HashMap<>();
    return line -> {
      JsonNode id = line.value().path("id");
      Long earlier = id.isValueNode() && !id.isNull() ? lines.putIfAbsent(id, line.number()) : null;
      if (earlier != null) {
        throw line.bad(
            "id %s stands in line %d already; every record needs its own".formatted(id, earlier));
      }
      each.accept(line);
    };
  }

  /**
   * Writes records to a temporary file beside {@code file} and moves it into place when all are
   * written, so that a reader never sees half a file.
   *
   * @param file the file to write, replaced if it is there
   * @param records one JSON value each
   * @throws IOException if the folder cannot be written
   */
  public static void write(Path file, Iterator<?> records) throws IOException {
    AtomicFile.write(
        file,
        writer -> {
          while (records.hasNext()) {
            writer.write(MAPPER.writeValueAsString(records.next()));
            writer.write('\n');
          }
        });
  }
}
