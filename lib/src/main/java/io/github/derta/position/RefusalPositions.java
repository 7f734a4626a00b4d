package io.github.derta.position;

import io.github.derta.io.BadInput;
import io.github.derta.io.Records;
import io.github.derta.io.Role;
import io.github.derta.text.Reasoning;
import io.github.derta.text.RefusalPhrases;
import io.github.derta.text.RefusalPhrases.Match;
import io.github.derta.text.Tokenizer;
import io.github.derta.text.Words;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.stream.Stream;

/**
 * A rule for where a refusal stands: which phrases, counted in words or in tokens, with or without
 * the prompt that a record repeats.
 *
 * <p>In words: the 1-based index of the white-space separated word in which the first phrase
 * begins. In tokens: 1 + the tokens of the text before it. What a model thought before its answer
 * does not count.
 */
public final class RefusalPositions {

  private final RefusalPhrases phrases;
  private final Tokenizer tokenizer;
  private final Prompts prompts;

  private RefusalPositions(RefusalPhrases phrases, Tokenizer tokenizer, Prompts prompts) {
    this.phrases = phrases;
    this.tokenizer = tokenizer;
    this.prompts = prompts;
  }

  /**
   * {@return the rule, counting in words}
   *
   * @param phrases what a refusal begins with
   */
  public static RefusalPositions of(RefusalPhrases phrases) {
    return new RefusalPositions(phrases, null, Prompts.NONE);
  }

  /**
   * {@return the same rule counting in tokens}
   *
   * @param tokenizer the tokenizer to count with; stays the caller's to close
   */
  public RefusalPositions inTokens(Tokenizer tokenizer) {
    return new RefusalPositions(phrases, tokenizer, prompts);
  }

  /**
   * {@return the same rule on the response alone}
   *
   * @param prompts what to cut from the start of a record that repeats it
   */
  public RefusalPositions without(Prompts prompts) {
    return new RefusalPositions(phrases, tokenizer, prompts);
  }

  /**
   * {@return the position of its first refusal, 0 if there is none}
   *
   * @param text a response
   */
  public int in(String text) {
    String answer = Reasoning.of(text).answer();
    return phrases.first(answer).map(match -> position(answer, match)).orElse(0);
  }

  /**
   * Reads the responses of a file.
   *
   * @param file records of any shape that {@link Records} knows, or bare strings
   * @param each receives every response in order
   * @throws BadInput if the file is missing, empty, no text, holds no record at all or a bad one
   */
  public void read(Path file, Consumer<Response> each) {
    read(Records.of(file, Role.ANSWER), each);
  }

  /**
   * Counts the responses of a file.
   *
   * @param file as {@link #read} takes it
   * @param skipBad whether bad records are counted and passed over; else the first is thrown
   * @param onBytes receives the number of bytes of each block read
   * @param each receives every response in order as well
   * @return its counts, or its {@link FileCounts#failure}, so that one file does not hide others
   */
  public FileCounts count(
      Path file, boolean skipBad, LongConsumer onBytes, Consumer<Response> each) {
    FileCounts counts = new FileCounts(file);
    Consumer<Response> add = counts::add;
    Records records = Records.of(file, Role.ANSWER).onBytes(onBytes);
    try {
      read(skipBad ? records.onBad(counts::addBad) : records, add.andThen(each));
    } catch (BadInput mistake) {
      counts.fail(mistake);
    }
    return counts;
  }

  private void read(Records records, Consumer<Response> each) {
    records.forEach(
        item ->
            item.texts(Role.ANSWER).forEach(text -> each.accept(response(item.number(), text))));
  }

  /**
   * The files that the given paths name, folders being searched to their depths; hidden files are
   * passed over in them.
   *
   * @param paths files and folders
   * @return files sorted by path, each once
   * @throws BadInput if a folder holds no file
   */
  public static List<Path> files(Collection<Path> paths) {
    TreeSet<Path> files = new TreeSet<>();
    for (Path path : paths) {
      if (Files.isDirectory(path)) {
        files.addAll(filesBelow(path));
      } else {
        files.add(path.normalize());
      }
    }
    return new ArrayList<>(files);
  }

  private static List<Path> filesBelow(Path folder) {
    try (Stream<Path> walk = Files.walk(folder.normalize())) {
      List<Path> found =
          walk.filter(Files::isRegularFile)
              .filter(file -> !file.getFileName().toString().startsWith("."))
              .toList();
      if (found.isEmpty()) {
        throw new BadInput(folder + ": a folder without files; files of responses are needed");
      }
      return found;
    } catch (IOException | java.io.UncheckedIOException e) {
      throw new BadInput(folder + ": cannot be listed (" + e.getMessage() + ")", e);
    }
  }

  private Response response(long record, String whole) {
    int begin = prompts.endIn(whole);
    String text = Reasoning.of(begin <= 0 ? whole : whole.substring(begin)).answer();
    Optional<Match> refusal = phrases.first(text);
    int position = refusal.isPresent() ? position(text, refusal.get()) : 0;
    return new Response(record, text, begin >= 0, refusal, position);
  }

  private int position(String text, Match match) {
    return tokenizer == null
        ? Words.at(text, match.start())
        : 1 + tokenizer.encode(text.substring(0, match.start())).length;
  }
}
