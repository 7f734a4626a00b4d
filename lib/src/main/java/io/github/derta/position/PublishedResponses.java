package io.github.derta.position;

import io.github.derta.io.BadInput;
import io.github.derta.io.Hashes;
import io.github.derta.io.Item;
import io.github.derta.io.Records;
import io.github.derta.io.Resources;
import io.github.derta.io.Role;
import io.github.derta.text.RefusalPhrases;
import io.github.derta.text.Tokenizer;
import io.github.derta.text.Words;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The model responses that the paper's authors published (github.com/RobustNLP/DeRTa, commit
 * 70bdb52, results/safety without PAIR), as facts without text: where refusals stand, and what is
 * damaged.
 */
public final class PublishedResponses {

  /** CompletingAttack's folder: its records hold prompt and continuation together. */
  private static final String COMPLETING = "completionattack";

  private static final Path RESULTS = Path.of("results", "safety");
  private static final Path COMPLETING_PROMPTS =
      Path.of("data", "test", "safety_completionattack.json");

  private static final RefusalPhrases SORRY_WORD = RefusalPhrases.of(List.of("sorry"));

  private final Path repository;
  private final List<Path> files;

  private PublishedResponses(Path repository, List<Path> files) {
    this.repository = repository;
    this.files = files;
  }

  /**
   * Facts about one record. Positions are counted from 1 and are 0 where there is no refusal.
   *
   * @param attack the folder under results/safety
   * @param file the name in it
   * @param index the record, counted from 0
   * @param words words in the record
   * @param word the word that holds "sorry" in the first {@code (I'm )?sorry} of the whole record
   * @param token 1 + the tokens before that match
   * @param responseWord {@code word} on the response alone
   * @param responseToken {@code token} on the response alone
   * @param refusalWord the word in which the first of {@link RefusalPhrases#REFUSALS} begins in the
   *     response
   * @param empty whether the response is empty or white space
   * @param duplicateOf index of the first record of the file with the same prompt, -1 if this is it
   * @param sorryRun most "sorry" in a row in the response, with no other letter or digit between
   */
  public record Facts(
      String attack,
      String file,
      int index,
      int words,
      int word,
      int token,
      int responseWord,
      int responseToken,
      int refusalWord,
      boolean empty,
      int duplicateOf,
      int sorryRun) {}

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
   * @param tokenizer {@link #llama3}
   * @param each receives the facts of each record in order
   */
  public void forEach(Tokenizer tokenizer, Consumer<Facts> each) {
    forEach(text -> each.accept(facts(text, tokenizer)));
  }

  /**
   * Goes through all texts, files sorted by path. They are harmful: not to be shown.
   *
   * @param each receives each record in order
   */
  public void forEach(Consumer<Text> each) {
    Prompts prompts = Prompts.read(repository.resolve(COMPLETING_PROMPTS));
    for (Path file : files) {
      Map<String, Integer> firstIndex = new HashMap<>();
      Records.of(file, Role.ANSWER)
          .quiet()
          .forEach(
              item -> {
                int index = Math.toIntExact(item.number() - 1);
                Parts parts = parts(file, item, prompts);
                Integer first = firstIndex.putIfAbsent(Prompts.withoutSpace(parts.prompt), index);
                each.accept(
                    new Text(
                        attack(file),
                        file.getFileName().toString(),
                        index,
                        parts.whole,
                        parts.response,
                        first == null ? -1 : first));
              });
    }
  }

  /**
   * {@return Llama 3's tokenizer, in whose tokens the paper counts}
   *
   * @param file its {@code tokenizer.json}
   * @throws BadInput if it is another model's
   */
  public static Tokenizer llama3(Path file) {
    Tokenizer tokenizer = Tokenizer.load(file);
    int[] known = {19701, 33386}; // "Sorry", " Sorry"
    if (!Arrays.equals(tokenizer.encode("Sorry Sorry"), known)) {
      tokenizer.close();
      throw new BadInput(file + ": not Llama 3's tokenizer; environment/llama3-tokenizer makes it");
    }
    return tokenizer;
  }

  private record Parts(String prompt, String whole, String response) {}

  private static Parts parts(Path file, Item item, Prompts prompts) {
    String whole = item.texts(Role.ANSWER).get(0);
    if (!attack(file).equals(COMPLETING)) {
      return new Parts(item.text(Role.PROMPT), whole, whole);
    }
    int end = prompts.endIn(whole);
    if (end < 0) {
      throw item.line().bad("begins with none of the attack's prompts");
    }
    return new Parts(whole.substring(0, end), whole, whole.substring(end));
  }

  private static Facts facts(Text text, Tokenizer tokenizer) {
    RefusalPositions word = RefusalPositions.of(SORRY_WORD);
    RefusalPositions token = RefusalPositions.of(RefusalPhrases.SORRY).inTokens(tokenizer);
    return new Facts(
        text.attack,
        text.file,
        text.index,
        Words.count(text.whole),
        word.in(text.whole),
        token.in(text.whole),
        word.in(text.response),
        token.in(text.response),
        RefusalPositions.of(RefusalPhrases.REFUSALS).in(text.response),
        Words.count(text.response) == 0,
        text.duplicateOf,
        sorryRun(text.response));
  }

  private static String attack(Path file) {
    return file.getParent().getFileName().toString();
  }

  /** The longest run of "sorry" with no letter or digit between, glued ones included. */
  static int sorryRun(String text) {
    int longest = 0;
    int run = 0;
    int end = 0;
    for (RefusalPhrases.Match match : SORRY_WORD.all(text)) {
      boolean joined =
          run > 0
              && text.substring(end, match.start()).chars().noneMatch(Character::isLetterOrDigit);
      run = joined ? run + 1 : 1;
      end = match.end();
      longest = Math.max(longest, run);
    }
    return longest;
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
