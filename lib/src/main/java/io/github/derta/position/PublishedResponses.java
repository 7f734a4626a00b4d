package io.github.derta.position;

import io.github.derta.io.BadInput;
import io.github.derta.io.Hashes;
import io.github.derta.io.Item;
import io.github.derta.io.Records;
import io.github.derta.io.Resources;
import io.github.derta.io.Role;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The model responses that the paper's authors published (github.com/RobustNLP/DeRTa, commit
 * 70bdb52, results/safety without PAIR). They are harmful: not to be shown.
 */
public final class PublishedResponses {

  /** CompletingAttack's folder: its records hold prompt and continuation together. */
  private static final String COMPLETING = "completionattack";

  private static final Path RESULTS = Path.of("results", "safety");
  private static final Path COMPLETING_PROMPTS =
      Path.of("data", "test", "safety_completionattack.json");

  private final Path repository;
  private final List<Path> files;

  private PublishedResponses(Path repository, List<Path> files) {
    this.repository = repository;
    this.files = files;
  }

  /**
   * One record.
   *
   * @param attack the folder under results/safety
   * @param file the name in it
   * @param index the record, counted from 0
   * @param whole all of the record: CompletingAttack's hold prompt and continuation
   * @param response what the model wrote
   * @param duplicateOf index of the first record of the file with the same prompt, -1 if this is it
   */
  public record Text(
      String attack, String file, int index, String whole, String response, int duplicateOf) {}

  /**
   * {@return its responses}
   *
   * @param repository a checkout of the public repository
   * @throws BadInput if a file is missing or is not that of commit 70bdb52
   */
  public static PublishedResponses in(Path repository) {
    return in(repository, publishedHashes());
  }

  /** For tests: other hashes by path. */
  static PublishedResponses in(Path repository, Map<String, String> hashes) {
    List<Path> files = new ArrayList<>();
    hashes.forEach(
        (path, wanted) -> {
          Path file = repository.resolve(path);
          if (!Files.isRegularFile(file)) {
            throw new BadInput(
                file + ": no such file; a checkout of commit 70bdb52 of RobustNLP/DeRTa is needed");
          }
          if (!Hashes.sha256(file).equals(wanted)) {
            throw new BadInput(
                file + ": not the file of commit 70bdb52 of RobustNLP/DeRTa (SHA-256 differs)");
          }
          if (Path.of(path).startsWith(RESULTS)) {
            files.add(file);
          }
        });
    return new PublishedResponses(repository, files);
  }

  /**
   * Goes through all records, files sorted by path.
   *
   * @param each receives each record in order
   */
  public void forEach(Consumer<Text> each) {
    Prompts prompts = Prompts.read(repository.resolve(COMPLETING_PROMPTS));
    for (Path file : files) {
      Map<String, Integer> firstIndex = new HashMap<>();
      Records.of(file, Role.ANSWER)
          .quiet()
          .forEach(item -> each.accept(text(file, item, prompts, firstIndex)));
    }
  }

  private static Text text(Path file, Item item, Prompts prompts, Map<String, Integer> firstIndex) {
    String whole = item.texts(Role.ANSWER).get(0);
    boolean completing = attack(file).equals(COMPLETING);
    int end = completing ? prompts.endIn(whole) : 0;
    if (end < 0) {
      throw item.line().bad("begins with none of the attack's prompts");
    }
    String prompt = completing ? whole.substring(0, end) : item.text(Role.PROMPT);
    int index = Math.toIntExact(item.number() - 1);
    Integer first = firstIndex.putIfAbsent(Prompts.withoutSpace(prompt), index);
    return new Text(
        attack(file),
        file.getFileName().toString(),
        index,
        whole,
        whole.substring(end),
        first == null ? -1 : first);
  }

  private static String attack(Path file) {
    return file.getParent().getFileName().toString();
  }

  private static Map<String, String> publishedHashes() {
    Map<String, String> hashes = new TreeMap<>();
    String lines = Resources.text(PublishedResponses.class, "published-responses.sha256");
    for (String line : lines.split("\n")) {
      String[] hashAndPath = line.split("  ", 2); // as sha256sum writes it
      hashes.put(hashAndPath[1], hashAndPath[0]);
    }
    return hashes;
  }
}
