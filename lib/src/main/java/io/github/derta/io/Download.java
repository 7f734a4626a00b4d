package io.github.derta.io;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file of the net, pinned by its SHA-256: fetched once, resumed where it broke off, and taken
 * from a folder of the user's where it lies there already. Without a network everything that is in
 * the cache or the folder still works.
 *
 * @param source where it is
 * @param sha256 its hash, 64 hexadecimal digits in lower case
 */
public record Download(URI source, String sha256) {

  /** {@code .derta} of this clone, which the scripts and the kernel name, or of the folder here. */
  public static final Path HOME =
      Path.of(System.getenv().getOrDefault("DERTA_HOME", "."), ".derta");

  /** Where scripts keep fetched files. */
  public static final Path CACHE = HOME.resolve("downloads");

  private static final Pattern PINNED = Pattern.compile("(https?://[^#]+)#sha256=([0-9a-f]{64})");
  private static final int TRIES = 3;

  /**
   * {@return the download}
   *
   * @param text {@code https://...#sha256=...}
   * @throws BadInput if it is not of that form
   */
  public static Download parse(String text) {
    Matcher matcher = PINNED.matcher(text);
    if (!matcher.matches()) {
      throw new BadInput(text + ": not pinned; https://.../FILE#sha256=64 hex digits is needed");
    }
    return new Download(URI.create(matcher.group(1)), matcher.group(2));
  }

  /** {@return the file's name} */
  public String name() {
    String path = source.getPath();
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /**
   * Finds or fetches the file.
   *
   * @param cache where fetched files are kept, each in a folder named by its hash
   * @param own a folder of the user's that may hold a file of that name, or null
   * @return the file, its hash checked
   * @throws BadInput if it cannot be had or is another file
   */
  public Path to(Path cache, Path own) {
    try {
      if (own != null && matches(own.resolve(name()))) {
        return own.resolve(name());
      }
      Path file = cache.resolve(sha256).resolve(name());
      if (!matches(file)) {
        Files.createDirectories(file.getParent());
        fetch(file);
      }
      return file;
    } catch (IOException e) {
      throw new BadInput(
          source + ": cannot be fetched (" + e + "); put " + name() + " into a folder of your own",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BadInput(source + ": interrupted; what has arrived is kept", e);
    }
  }

  private boolean matches(Path file) {
    return Files.isRegularFile(file) && Hashes.sha256(file).equals(sha256);
  }

  private void fetch(Path file) throws IOException, InterruptedException {
    Path part = file.resolveSibling(name() + ".part");
    for (int tried = 1; ; tried++) {
      try {
        fetchRest(part);
        break;
      } catch (IOException e) {
        if (tried == TRIES) {
          throw e;
        }
      }
    }
    String found = Hashes.sha256(part);
    if (!found.equals(sha256)) {
      Files.delete(part);
      throw new BadInput(source + ": SHA-256 is " + found + ", not the pinned " + sha256);
    }
    Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
  }

  private void fetchRest(Path part) throws IOException, InterruptedException {
    long have = Files.exists(part) ? Files.size(part) : 0;
    HttpRequest request =
        HttpRequest.newBuilder(source)
            .timeout(Duration.ofMinutes(2)) // until the answer begins
            .header("Range", "bytes=" + have + "-")
            .build();
    HttpClient client =
        HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NORMAL)
            .connectTimeout(Duration.ofSeconds(20))
            .build();
    HttpResponse<InputStream> response =
        client.send(request, HttpResponse.BodyHandlers.ofInputStream());
    try (InputStream in = response.body()) {
      switch (response.statusCode()) {
        case 206 -> append(in, part, StandardOpenOption.APPEND);
        case 200 -> append(in, part, StandardOpenOption.TRUNCATE_EXISTING); // knows no ranges
        case 416 -> {} // all of it is there
        default -> throw new IOException("HTTP status " + response.statusCode());
      }
    }
  }

  private static void append(InputStream in, Path part, StandardOpenOption how) throws IOException {
    try (OutputStream out = Files.newOutputStream(part, StandardOpenOption.CREATE, how)) {
      in.transferTo(out);
    }
  }
}
