package io.github.derta.io;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/** Tells text from what people pass by mistake, by a file's first bytes. */
final class FileKind {

  /** What files are by their first bytes, and what to do. */
  private static final Map<String, String> BINARY = Shape.table("file-kinds.yaml");

  private FileKind() {}

  /** Throws if the first bytes of {@code file} are not the beginning of UTF-8 text. */
  static void requireText(Path file, byte[] bytes) {
    String head = bytes(bytes);
    String kind = head.indexOf(0) >= 0 ? "a binary file" : null;
    for (Map.Entry<String, String> known : BINARY.entrySet()) {
      kind = head.startsWith(known.getKey()) ? known.getValue() : kind;
    }
    if (head.startsWith("PK") && head.contains("data.pkl")) { // NAME/data.pkl comes first
      kind = "a PyTorch pickle (in a zip), which is never read";
    }
    if (head.matches("(?s)\\x80[\\x02-\\x05].*")) {
      kind = "a Python pickle, which is never read";
    }
    if (kind != null) {
      throw new BadInput(file + ": " + kind + "; JSON Lines, JSON or CSV in UTF-8 is needed");
    }
  }

  /** The length of the UTF-8 byte order mark: 3 or 0. */
  static int byteOrderMark(byte[] head) {
    return bytes(head).startsWith("\u00EF\u00BB\u00BF") ? 3 : 0;
  }

  /** Whether it is gzip. */
  static boolean gzip(byte[] head) {
    return bytes(head).startsWith("\u001F\u008B");
  }

  /** Whether it is zstd. */
  static boolean zstd(byte[] head) {
    return bytes(head).startsWith("(\u00B5/\u00FD");
  }

  /** Whether it is a zip that holds the samples of a log of inspect_ai. */
  static boolean inspectLog(byte[] head) {
    return bytes(head).matches("(?s)PK\\x03\\x04.*(_journal/|samples/|header\\.json).*");
  }

  /** A character for each byte. */
  private static String bytes(byte[] head) {
    return new String(head, StandardCharsets.ISO_8859_1);
  }
}
