package io.github.derta.io;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.DigestInputStream;
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
      if (found.size() < LARGE) {
        return read(file);
      }
      Version version =
          new Version(
              file.toAbsolutePath(), found.size(), found.lastModifiedTime(), found.fileKey());
      return KNOWN.computeIfAbsent(version, v -> read(file));
    } catch (IOException e) {
      throw new BadInput(file + ": cannot be read (" + e.getMessage() + ")", e);
    }
  }

  private static String read(Path file) {
    try (InputStream in = Files.newInputStream(file);
        DigestInputStream digest =
            new DigestInputStream(in, MessageDigest.getInstance("SHA-256"))) {
      digest.transferTo(OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(digest.getMessageDigest().digest());
    } catch (IOException e) {
      throw new BadInput(file + ": cannot be read (" + e.getMessage() + ")", e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /**
   * {@return their SHA-256 in lower-case hexadecimal}
   *
   * @param bytes any bytes
   */
  public static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
