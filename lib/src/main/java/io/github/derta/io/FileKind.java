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
    String kind = binaryKind(head);
    if (kind != null) {
      throw new BadInput(file + ": " + kind + "; JSON Lines or a JSON array in UTF-8 is needed");
    }
  }

  /** The length of the UTF-8 byte order mark: 3 or 0. */
  static int byteOrderMark(byte[] head) {
    return begins(head, 0xEF, 0xBB, 0xBF) ? 3 : 0;
  }

  private static String binaryKind(byte[] head) {
    if (begins(head, 'P', 'K', 3, 4)) {
      // torch.save writes NAME/data.pkl as the first entry of a zip.
      boolean pickle = new String(head, StandardCharsets.ISO_8859_1).contains("data.pkl");
      return pickle ? "a PyTorch pickle (in a zip), which is never read" : "a zip archive";
    }
    if (head.length > 1 && (head[0] & 0xFF) == 0x80 && head[1] >= 2 && head[1] <= 5) {
      return "a Python pickle, which is never read";
    }
    if (begins(head, 0x1F, 0x8B)) {
      return "gzip-compressed; unpack it first";
    }
    if (begins(head, 0xFF, 0xFE) || begins(head, 0xFE, 0xFF)) {
      return "UTF-16 text";
    }
    for (byte b : head) {
      if (b == 0) {
        return "a binary file";
      }
    }
    return null;
  }

  private static boolean begins(byte[] head, int... lead) {
    if (head.length < lead.length) {
      return false;
    }
    for (int i = 0; i < lead.length; i++) {
      if ((head[i] & 0xFF) != lead[i]) {
        return false;
      }
    }
    return true;
  }
}
