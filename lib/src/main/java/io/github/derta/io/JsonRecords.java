package io.github.derta.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * The records of a file, one at a time: JSON Lines or one JSON array, whatever the file's name,
 * UTF-8 with or without a byte order mark. Only the record at hand is in memory, and no tree of it
 * unless the caller builds one.
 *
 * @param <T> what a record becomes
 */
public final class JsonRecords<T> {

  /** Longer than any lead that tells what a file is. */
  private static final int HEAD = 4096;

  private static final int BUFFER = 1 << 18;

  private static final JsonFactory FACTORY = JsonLines.MAPPER.getFactory();

  /**
   * Makes a value of one record.
   *
   * @param <T> the value
   */
  @FunctionalInterface
  public interface Parse<T> {

    /**
     * {@return the value}
     *
     * @param parser stands on the record's first token; must be left on its last one, even when the
     *     record is refused
     * @param place where the record begins
     * @throws IOException if the text is not JSON
     * @throws BadInput if the record is JSON but not as wanted, made by {@link Place#bad}
     */
    T parse(JsonParser parser, Place place) throws IOException;
  }

  /**
   * Where a record begins.
   *
   * @param file the file
   * @param line the line, counted from 1
   */
  public record Place(Path file, long line) {

    /**
     * {@return the mistake to throw}
     *
     * @param problem what is wrong here and what would be right
     */
    public BadInput bad(String problem) {
      return BadInput.at(file, line, problem);
    }
  }

  private final Path file;
  private final Parse<T> parse;
  private Consumer<BadInput> onBad =
      mistake -> {
        throw mistake;
      };
  private LongConsumer onBytes = bytes -> {};

  private JsonRecords(Path file, Parse<T> parse) {
    this.file = file;
    this.parse = parse;
  }

  /**
   * {@return the file's records; the first bad one is thrown}
   *
   * @param <T> what a record becomes
   * @param file JSON Lines or one JSON array
   * @param parse makes a value of a record
   */
  public static <T> JsonRecords<T> of(Path file, Parse<T> parse) {
    return new JsonRecords<>(file, parse);
  }

  /**
   * {@return these records, with this answer to a bad one}
   *
   * @param bad receives each bad record, after which reading goes on with the next
   */
  public JsonRecords<T> onBad(Consumer<BadInput> bad) {
    onBad = bad;
    return this;
  }

  /**
   * {@return these records, with this listener}
   *
   * @param bytes receives the number of bytes of every block read, for a progress bar
   */
  public JsonRecords<T> onBytes(LongConsumer bytes) {
    onBytes = bytes;
    return this;
  }

  /**
   * Reads the file.
   *
   * @param each receives every record in order
   * @throws BadInput if the file is missing, cannot be read or is no text
   */
  public void forEach(Consumer<? super T> each) {
    if (Files.isDirectory(file)) {
      throw new BadInput(file + ": a folder; a file of JSON records is needed");
    }
    if (!Files.exists(file)) {
      throw new BadInput(file + ": no such file");
    }
    try (InputStream in = new BufferedInputStream(counted(Files.newInputStream(file)), BUFFER)) {
      in.mark(HEAD);
      byte[] head = in.readNBytes(HEAD);
      in.reset();
      FileKind.requireText(file, head);
      int begin = FileKind.byteOrderMark(head);
      in.skipNBytes(begin);
      while (begin < head.length && head[begin] <= ' ' && head[begin] >= 0) {
        begin++;
      }
      if (begin < head.length && head[begin] == '[') {
        readArray(in, each);
      } else {
        readLines(in, each);
      }
    } catch (AccessDeniedException e) {
      throw new BadInput(file + ": cannot be read, permission denied", e);
    } catch (IOException e) {
      throw new BadInput(file + ": cannot be read (" + e.getMessage() + ")", e);
    }
  }

  private void readLines(InputStream in, Consumer<? super T> each) throws IOException {
    ByteLines lines = new ByteLines(in);
    while (lines.next()) {
      T value;
      try (JsonParser parser =
          FACTORY.createParser(lines.buffer(), lines.start(), lines.length())) {
        Place place = new Place(file, lines.number());
        try {
          if (parser.nextToken() == null) {
            continue; // a blank line
          }
          value = parse.parse(parser, place);
          if (parser.nextToken() != null) {
            throw place.bad("more than one JSON value; one record a line is needed");
          }
        } catch (JsonProcessingException e) {
          throw place.bad("not JSON: " + reason(e));
        }
      } catch (BadInput mistake) {
        onBad.accept(mistake);
        continue;
      }
      each.accept(value);
    }
  }

  private void readArray(InputStream in, Consumer<? super T> each) throws IOException {
    try (JsonParser parser = FACTORY.createParser(in)) {
      parser.nextToken(); // the opening bracket
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        T value;
        try {
          value = parse.parse(parser, new Place(file, parser.currentTokenLocation().getLineNr()));
        } catch (BadInput mistake) {
          onBad.accept(mistake);
          continue;
        }
        each.accept(value);
      }
      if (parser.nextToken() != null) {
        long line = parser.currentTokenLocation().getLineNr();
        onBad.accept(BadInput.at(file, line, "text after the end of the JSON array"));
      }
    } catch (JsonProcessingException e) {
      String problem = "not JSON: " + reason(e) + "; the rest of the array cannot be read";
      onBad.accept(BadInput.at(file, e.getLocation().getLineNr(), problem));
    }
  }

  /** What the parser says, without its own idea of file and line. */
  private static String reason(JsonProcessingException e) {
    return e.getOriginalMessage().split(" \\(start marker| at \\[Source|\\R", 2)[0];
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
