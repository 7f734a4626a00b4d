package io.github.derta.io;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Hashes of files, to know that they are what they should be. */
public final class Hashes {

  /** A smaller file is hashed at once, and may be changed within a tick of its time stamp. */
  private static final long LARGE = 16 << 20;

  /** Those of large files, such as weights, which one study asks for once a model. */
  private static final Map<Version, String> KNOWN = new ConcurrentHashMap<>();

  private record Version(Path file, long size, FileTime changed, Object key) {}

  private Hashes() {}

  /**
   * {@return its SHA-256 in lower-case hexadecimal}
   *
   * @param file a file of any size; a large one that has not changed is read once
   * @throws BadInput if it cannot be read
   */
  public static String sha256(Path file) {
    try {
      BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
      Version version =
          new Version(
              file.toAbsolutePath(), found.size(), found.lastModifiedTime(), found.fileKey());
      return found.size() < LARGE
          ? sha256(out -> Files.copy(file, out))
          : KNOWN.computeIfAbsent(version, v -> sha256(out -> Files.copy(file, out)));
    } catch (IOException | UncheckedIOException e) {
      throw new BadInput(file + ": cannot be read (" + e.getMessage() + ")", e);
    }
  }

  /**
   * {@return their SHA-256 in lower-case hexadecimal}
   *
   * @param bytes any bytes
   */
  public static String sha256(byte[] bytes) {
    return sha256(out -> out.write(bytes));
  }

  /**
   * {@return the SHA-256, in lower-case hexadecimal, of what is written}
   *
   * @param content writes it
   */
  public static String sha256(AtomicFile.Content<OutputStream> content) {
    try (DigestOutputStream out =
        new DigestOutputStream(
            OutputStream.nullOutputStream(), MessageDigest.getInstance("SHA-256"))) {
      content.writeTo(out);
      return HexFormat.of().formatHex(out.getMessageDigest().digest());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
