package io.github.derta.io;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Tells text from what people pass by mistake, by a file's first bytes. */
final class FileKind {

  private FileKind() {}

  /**
   * Throws if {@code head}, the first bytes of {@code file}, is not the beginning of UTF-8 text.
   */
  static void requireText(Path file, byte[] head) {
    String kind = binaryKind(bytes(head));
    if (kind != null) {
      throw new BadInput(file + ": " + kind + "; JSON Lines or a JSON array in UTF-8 is needed");
    }
  }

  /** The length of the UTF-8 byte order mark: 3 or 0. */
  static int byteOrderMark(byte[] head) {
    return bytes(head).startsWith("\u00EF\u00BB\u00BF") ? 3 : 0;
  }

  private static String binaryKind(String head) {
    if (head.startsWith("PK\3\4")) {
      // torch.save writes NAME/data.pkl as the first entry of a zip.
      boolean pickle = head.contains("data.pkl");
      return pickle ? "a PyTorch pickle (in a zip), which is never read" : "a zip archive";
    }
    if (head.matches("(?s)\\x80[\\x02-\\x05].*")) {
      return "a Python pickle, which is never read";
    }
    if (head.startsWith("\u001F\u008B")) {
      return "gzip-compressed; unpack it first";
    }
    if (head.startsWith("\u00FF\u00FE") || head.startsWith("\u00FE\u00FF")) {
      return "UTF-16 text";
    }
    return head.indexOf(0) >= 0 ? "a binary file" : null;
  }

  /** A character for each byte. */
  private static String bytes(byte[] head) {
    return new String(head, StandardCharsets.ISO_8859_1);
  }
}
