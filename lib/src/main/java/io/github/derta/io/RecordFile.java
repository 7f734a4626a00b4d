package io.github.derta.io;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.airlift.compress.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.apache.commons.compress.utils.SeekableInMemoryByteChannel;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * The records of a file in UTF-8, one at a time, whatever the file's name. The kit's own files are
 * JSON Lines or a JSON array; a user's may be a JSON object that holds an array of records or
 * records by id, CSV, the zip of inspect_ai, or, for questions, lines of text; all perhaps in gzip
 * or zstd.
 */
final class RecordFile {

  /** Longer than any lead that tells what a file is. */
  private static final int HEAD = 1 << 14;

  private static final int BUFFER = 1 << 18;

  /** The compression of inspect_ai's logs unless told otherwise, which java.util.zip lacks. */
  private static final int ZSTD = 93;

  /** Python writes NaN and Infinity. */
  private static final ObjectReader JSON =
      JsonLines.MAPPER.reader().with(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS);

  private static final CSVFormat CSV = CSVFormat.RFC4180.builder().setIgnoreEmptyLines(true).get();

  /**
   * One record.
   *
   * @param line the record and where it begins
   * @param key its name in the object that holds it, or null
   */
  record Entry(JsonLines.Line line, String key) {}

  private final Path file;
  private final byte[] content;
  private boolean packed;
  private final Role wanted;

  /** Goes on with the next record after a bad one if this does not throw. */
  Consumer<BadInput> onBad =
      mistake -> {
        throw mistake;
      };

  /** Receives the number of bytes of every block read. */
  LongConsumer onBytes = bytes -> {};

  private Consumer<Entry> each;

  /**
   * The records of a file.
   *
   * @param content what is read instead, or null
   * @param wanted what a user's file is read for; null for the kit's own
   */
  RecordFile(Path file, byte[] content, Role wanted) {
    this.file = file;
    this.content = content;
    this.wanted = wanted;
  }

  /**
   * Reads the file.
   *
   * @throws BadInput if the file is missing, cannot be read or is no text
   */
  void forEach(Consumer<Entry> each) {
    this.each = each;
    if (content == null && (Files.isDirectory(file) || !Files.exists(file))) {
      boolean folder = Files.isDirectory(file);
      throw new BadInput(file + (folder ? ": a folder; a file is needed" : ": no such file"));
    }
    try (InputStream in = open()) {
      read(in);
    } catch (io.airlift.compress.MalformedInputException e) {
      throw new BadInput(file + ": is no whole zstd (" + e.getMessage() + ")", e);
    } catch (IOException | UncheckedIOException e) {
      Throwable cause = e instanceof UncheckedIOException ? e.getCause() : e;
      Map<Class<?>, String> known =
          Map.of(
              MalformedInputException.class, "not UTF-8",
              AccessDeniedException.class, "permission denied");
      String why = known.getOrDefault(cause.getClass(), cause.getMessage());
      throw new BadInput(file + ": cannot be read (" + why + ")", e);
    }
  }

  /** The file's bytes, unpacked, behind a byte order mark. */
  private InputStream open() throws IOException {
    InputStream raw =
        content == null ? Files.newInputStream(file) : new ByteArrayInputStream(content);
    InputStream in = new BufferedInputStream(counted(raw), BUFFER);
    packed = FileKind.gzip(head(in)) || FileKind.zstd(head(in));
    if (FileKind.gzip(head(in))) {
      in = new BufferedInputStream(new GZIPInputStream(in, BUFFER), BUFFER);
    } else if (FileKind.zstd(head(in))) {
      in = new BufferedInputStream(new ZstdInputStream(in), BUFFER);
    }
    in.skipNBytes(FileKind.byteOrderMark(head(in)));
    return in;
  }

  private static byte[] head(InputStream in) throws IOException {
    in.mark(HEAD);
    byte[] head = in.readNBytes(HEAD);
    in.reset();
    return head;
  }

  private void read(InputStream in) throws IOException {
    byte[] bytes = head(in);
    if (wanted != null && FileKind.inspectLog(bytes)) {
      readZip(in);
      return;
    }
    FileKind.requireText(file, bytes);
    String head = new String(bytes, UTF_8).stripLeading();
    boolean json = head.startsWith("{") || isString(head);
    CSVFormat table = json || wanted == null ? null : csv(head);
    if (head.matches("(?s)\\[(?!\\s*\\w).*")) {
      readArray(in);
    } else if (wanted != null && head.matches("(?s)\\{(?![^\\n]*\\n\\s*\\{).*")) {
      readObject(in);
    } else if (table != null) {
      readCsv(in, table);
    } else {
      readLines(in, wanted == Role.QUESTION && !json);
    }
  }

  /** Whether the first line is a JSON string, not the name of a column in quotes. */
  private static boolean isString(String head) {
    String line = head.lines().findFirst().orElse("").strip();
    return line.matches("\"[^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+\"?")
        && Shape.of(row(List.of(line.replace("\"", "")), List.of(""))) == null;
  }

  private void readLines(InputStream in, boolean text) throws IOException {
    BufferedReader lines = new BufferedReader(new InputStreamReader(in, ISO_8859_1)); // as bytes
    long number = 0;
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      number++;
      byte[] bytes = line.getBytes(ISO_8859_1);
      if (text) {
        String decoded = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        accept(TextNode.valueOf(decoded), null, number);
        continue;
      }
      try (JsonParser parser = JSON.createParser(bytes)) {
        if (parser.nextToken() == null) {
          continue; // a blank line
        }
        JsonNode value = JSON.readTree(parser);
        if (parser.nextToken() == null) {
          accept(value, null, number);
        } else {
          bad(number, "more than one JSON value; one record a line is needed");
        }
      } catch (JsonProcessingException e) {
        bad(number, "not JSON: " + reason(e));
      }
    }
  }

  private void readArray(InputStream in) throws IOException {
    try (JsonParser parser = JSON.createParser(in)) {
      parser.nextToken(); // the opening bracket
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        long line = parser.currentTokenLocation().getLineNr();
        accept(JSON.readTree(parser), null, line);
      }
      if (parser.nextToken() != null) {
        bad(parser.currentTokenLocation().getLineNr(), "text after the end of the JSON array");
      }
    } catch (JsonProcessingException e) {
      String problem = "not JSON: " + reason(e) + "; the rest of the array cannot be read";
      bad(e.getLocation().getLineNr(), problem);
    }
  }

  /** One object: a record, one that holds an array of records, or records by id. Else lines. */
  private void readObject(InputStream in) throws IOException {
    JsonNode all = null;
    long line = 1;
    try (JsonParser parser = JSON.createParser(in)) {
      parser.nextToken();
      line = parser.currentTokenLocation().getLineNr();
      JsonNode first = JSON.readTree(parser);
      all = parser.nextToken() == null ? first : null;
    } catch (JsonProcessingException e) {
      if (e.getLocation().getLineNr() > 2) {
        throw BadInput.at(file, e.getLocation().getLineNr(), "not JSON: " + reason(e));
      }
    }
    if (all == null) {
      try (InputStream again = open()) {
        readLines(again, false);
      }
      return;
    }
    List<String> arrays =
        all.propertyStream()
            .filter(field -> field.getValue().isArray() && !field.getValue().isEmpty())
            .map(Map.Entry::getKey)
            .toList();
    JsonNode object = all;
    String records = // of a known shape, or the only array
        arrays.stream()
            .filter(name -> isRecord(object.get(name)))
            .findFirst()
            .orElse(arrays.size() == 1 ? arrays.get(0) : null);
    boolean byId = all.size() > 1 && all.valueStream().allMatch(RecordFile::isRecord);
    if (Shape.of(all) != null) {
      accept(all, null, line);
    } else if (byId || records == null && all.valueStream().allMatch(JsonNode::isContainerNode)) {
      all.forEachEntry((id, value) -> elements(value, id));
    } else if (records != null) {
      elements(all.get(records), null);
    } else {
      accept(all, null, line);
    }
  }

  /** Whether a field holds a record of a known shape, or several. */
  private static boolean isRecord(JsonNode value) {
    JsonNode first = value.isArray() ? value.path(0) : value;
    return first.isObject() && Shape.of(first) != null;
  }

  /** The records of an object's field; their lines are their places in it. */
  private void elements(JsonNode value, String id) {
    for (int i = 0; i < value.size() && value.isArray(); i++) {
      accept(value.get(i), id == null || value.size() == 1 ? id : id + "-" + (i + 1), i + 1);
    }
    if (value.isObject()) {
      accept(value, id, 1);
    }
  }

  /** The samples of a log of inspect_ai, in the order in which they were written. */
  private void readZip(InputStream in) throws IOException {
    ZipFile.Builder builder =
        packed || content != null
            ? ZipFile.builder()
                .setSeekableByteChannel(new SeekableInMemoryByteChannel(in.readAllBytes()))
            : ZipFile.builder().setPath(file);
    try (ZipFile zip = builder.get()) {
      for (ZipArchiveEntry entry : Collections.list(zip.getEntriesInPhysicalOrder())) {
        if (entry.getName().matches("samples/.*\\.json")) {
          try (InputStream sample =
              entry.getMethod() == ZSTD
                  ? new ZstdInputStream(zip.getRawInputStream(entry))
                  : zip.getInputStream(entry)) {
            accept(JSON.readTree(sample.readAllBytes()), null, 1);
          }
        }
      }
    }
    in.transferTo(OutputStream.nullOutputStream()); // counted
  }

  /** The format of a table whose header is known or looks like one; null if it is no table. */
  private static CSVFormat csv(String head) {
    String first = head.lines().filter(line -> !line.matches("\"?#.*")).findFirst().orElse("");
    char separator = ',';
    for (char other : new char[] {';', '\t'}) {
      separator =
          first.split(other + "").length > first.split(separator + "").length ? other : separator;
    }
    CSVFormat format = CSV.builder().setDelimiter(separator).get();
    try (CSVParser parser = CSVParser.parse(first, format)) {
      List<String> header = header(parser);
      boolean names =
          header.size() > 1 && header.stream().allMatch(n -> n.matches("[\\w.-]{0,40}"));
      return names || Shape.of(row(header, header)) != null ? format : null;
    } catch (IOException | UncheckedIOException e) {
      return null; // no table
    }
  }

  /** The first record's cells; PyRIT has comments before it. */
  private static List<String> header(CSVParser parser) {
    return parser.stream()
        .filter(cells -> !cells.get(0).startsWith("#"))
        .findFirst()
        .map(cells -> cells.stream().map(String::strip).toList())
        .orElse(List.of());
  }

  private void readCsv(InputStream in, CSVFormat format) throws IOException {
    try (CSVParser parser =
        CSVParser.parse(new InputStreamReader(in, UTF_8.newDecoder()), format)) {
      List<String> header = header(parser);
      long line = parser.getCurrentLineNumber() + 1;
      for (CSVRecord cells : parser) {
        if (cells.size() == header.size()) {
          accept(row(header, cells.toList()), null, line);
        } else {
          bad(line, "%d cells, the header has %d".formatted(cells.size(), header.size()));
        }
        line = parser.getCurrentLineNumber() + 1;
      }
    }
  }

  private static ObjectNode row(List<String> header, List<String> cells) {
    ObjectNode row = JsonLines.MAPPER.createObjectNode();
    for (int i = 0; i < header.size(); i++) {
      row.put(header.get(i), cells.get(i));
    }
    return row;
  }

  private void accept(JsonNode value, String key, long line) {
    try {
      each.accept(new Entry(new JsonLines.Line(file, line, value), key));
    } catch (BadInput mistake) {
      onBad.accept(mistake);
    }
  }

  private void bad(long line, String problem) {
    onBad.accept(BadInput.at(file, line, problem));
  }

  /** What the parser says, without its own idea of file and line, and without the text. */
  private static String reason(JsonProcessingException e) {
    return e.getOriginalMessage()
        .split(" \\(start marker| at \\[Source|\\R", 2)[0]
        .replaceFirst("(Unrecognized token) '.*?'", "$1");
  }

  private InputStream counted(InputStream in) {
    return new FilterInputStream(in) {
      @Override
      public int read(byte[] bytes, int offset, int length) throws IOException {
        int read = super.read(bytes, offset, length);
        if (read > 0) {
          onBytes.accept(read);
        }
        return read;
      }
    };
  }
}
