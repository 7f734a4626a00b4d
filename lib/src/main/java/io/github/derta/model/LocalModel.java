package io.github.derta.model;

import ai.djl.Device;
import io.github.derta.io.BadInput;
import io.github.derta.io.Warnings;
import io.github.derta.text.ChatTemplate;
import io.github.derta.text.Reasoning;
import io.github.derta.text.Tokenizer;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;

/** A model of this machine with its tokenizer and, if it has one, its chat format. */
public final class LocalModel implements LanguageModel {

  /** Rows that are generated together unless told otherwise. */
  public static final int BATCH = 32;

  private final String name;
  private final Generator generator;
  private final Tokenizer tokenizer;
  private Optional<ChatTemplate> template;
  private final int batch;
  private Llama owned;
  private boolean closed;

  private LocalModel(
      String name,
      Generator generator,
      Tokenizer tokenizer,
      Optional<ChatTemplate> template,
      int batch) {
    this.name = name;
    this.generator = generator;
    this.tokenizer = tokenizer;
    this.template = template;
    this.batch = batch;
  }

  /**
   * Reads a model to generate with.
   *
   * @param folder a folder as Hugging Face has it, with {@code tokenizer.json}
   * @param compute the type of the matrix products
   * @param device where weights lie and products run
   * @param batch how many rows are generated together, at least 1
   * @return the model, to be closed after use
   * @throws BadInput if a file is missing or broken
   */
  public static LocalModel load(Path folder, Compute compute, Device device, int batch) {
    return load(folder, null, null, compute, device, batch);
  }

  /**
   * Reads a model and adds an adapter to its weights.
   *
   * @param folder the base, a folder as Hugging Face has it
   * @param adapter a folder as PEFT writes it, whose tokenizer goes before the base's if it has
   *     one; null for the base alone
   * @param format the chat format, as {@link ChatTemplate#of} has it; null: the folder's own
   * @param compute the type of the matrix products
   * @param device where weights lie and products run
   * @param batch how many rows are generated together, at least 1
   * @return the model, to be closed after use
   * @throws BadInput if a file is missing or broken, or the adapter is one for another base
   */
  public static LocalModel load(
      Path folder, Path adapter, String format, Compute compute, Device device, int batch) {
    if (batch < 1) {
      throw new BadInput("batch is " + batch + ", must be at least 1");
    }
    Path texts = ModelFolder.texts(folder, adapter);
    Tokenizer tokenizer = Tokenizer.load(texts);
    Llama llama = null;
    try {
      Optional<ChatTemplate> template = ModelFolder.template(folder, adapter, format);
      llama = Llama.load(folder, adapter, compute, device);
      String name = folder.toAbsolutePath().normalize().getFileName().toString();
      LocalModel model = new LocalModel(name, llama.generator(), tokenizer, template, batch);
      model.owned = llama;
      return model;
    } catch (RuntimeException e) {
      if (llama != null) {
        llama.close();
      }
      tokenizer.close();
      throw e;
    }
  }

  /**
   * A model that is in memory already, with its weights as they are now.
   *
   * @param name for tables and run folders
   * @param llama the model; stays open when this is closed
   * @param tokenizer its tokenizer; stays open, too
   * @param template its chat format, if it has one
   * @return the model, to be closed before {@code llama} is
   */
  public static LocalModel of(
      String name, Llama llama, Tokenizer tokenizer, Optional<ChatTemplate> template) {
    return new LocalModel(name, llama.generator(), tokenizer, template, BATCH);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<Completion> complete(List<Prompt> prompts, Decoding decoding) {
    List<Completion> completions =
        completeIds(prompts.stream().map(this::encode).toList(), decoding);
    return IntStream.range(0, prompts.size())
        .mapToObj(i -> completions.get(i).behind(begunThought(prompts.get(i))))
        .toList();
  }

  /** The mark of a thought that the chat format has begun, as {@link EndpointReply} has it. */
  private String begunThought(Prompt prompt) {
    return prompt.chat() ? Reasoning.begun(prompt.rendered(template)) : "";
  }

  /**
   * Completes token ids, each row as if it were alone.
   *
   * @param prompts token ids
   * @param decoding how to choose
   * @return a completion each, in the order of the prompts
   * @throws BadInput if an id is outside the vocabulary or a prompt fills the context
   */
  public List<Completion> completeIds(List<int[]> prompts, Decoding decoding) {
    return completeIds(prompts, decoding, (tokens, ended) -> {});
  }

  /**
   * Completes token ids and tells how far it is.
   *
   * @param prompts token ids
   * @param decoding how to choose
   * @param watch hears of new tokens
   * @return a completion each, in the order of the prompts
   * @throws BadInput if an id is outside the vocabulary or a prompt fills the context
   */
  public List<Completion> completeIds(
      List<int[]> prompts, Decoding decoding, Generator.Watch watch) {
    requireOpen();
    return generator.generate(prompts, decoding, batch, cut(decoding.stop()), watch).stream()
        .map(generated -> completion(generated, decoding.stop()))
        .toList();
  }

  /**
   * How probable a text is as what follows each prompt. What all prompts begin with, such as the
   * head of a chat, goes through the network once, and memory does not grow with their number.
   *
   * @param prompts what it follows
   * @param continuation the text, for example how an answer may begin
   * @return for each prompt the mean over its tokens of the natural logarithm of their probability
   * @throws BadInput if the text is empty, or a prompt with it does not fit the context
   */
  public double[] meanLogLikelihood(List<Prompt> prompts, String continuation) {
    int[] ids = encodeContinuation(continuation);
    if (ids.length == 0) {
      throw new BadInput("an empty text has no likelihood; one token at least is needed");
    }
    return generator.meanLogLikelihoods(prompts.stream().map(this::encode).toList(), ids);
  }

  /**
   * {@return the tokens that a prompt becomes, see {@link Prompt#encoded}}
   *
   * @param prompt raw text or a question
   * @throws BadInput if a question is asked of a model without a chat format
   */
  public int[] encode(Prompt prompt) {
    requireOpen();
    return prompt.encoded(tokenizer, template);
  }

  /**
   * Fixes the day that the chat format names, if it names one.
   *
   * @param date the day of a run's plan, ISO; null: today
   * @return the day; empty if the format names none
   */
  public Optional<String> dated(String date) {
    if (template.isEmpty() || !template.get().usesDate()) {
      return Optional.empty();
    }
    LocalDate day = date == null ? LocalDate.now() : LocalDate.parse(date);
    template = template.map(one -> one.withDate(day.atStartOfDay()));
    return Optional.of(day.toString());
  }

  /** {@return a warning where what ends a turn in the chat format does not end generation} */
  public Optional<String> openEnd() {
    if (template.isEmpty()) {
      return Optional.empty();
    }
    int[] after = tokenizer.encode(behindAnswer(false).strip());
    List<Integer> ends = generator.endIds();
    if (after.length > 0 && ends.contains(after[0])) {
      return Optional.empty();
    }
    String end =
        after.length == 0
            ? "nothing"
            : "\"%s\" (%d)".formatted(tokenizer.decode(new int[] {after[0]}, false), after[0]);
    return Optional.of(
        "%s: the chat template ends a turn with %s, generation ends at ids %s: answers may run on"
            .formatted(name, end, ends));
  }

  /** {@return the chat format, if there is one} */
  public Optional<ChatTemplate> template() {
    return template;
  }

  private ChatTemplate format() {
    return template.orElseThrow(
        () -> new BadInput("the model has no chat template: give it raw text instead"));
  }

  /**
   * The head of another answer behind one that has begun: what ends an answer and what begins the
   * next.
   *
   * @return token ids
   * @throws BadInput if the model has no chat format
   */
  int[] nextAnswer() {
    return tokenizer.encode(behindAnswer(true));
  }

  /** What the chat format writes behind an answer: the end of the turn, and perhaps a new head. */
  private String behindAnswer(boolean beginAnother) {
    String mark = "ANSWER";
    List<ChatTemplate.Message> turns =
        List.of(ChatTemplate.Message.user("?"), new ChatTemplate.Message("assistant", mark));
    String whole = format().render(turns, beginAnother);
    int at = whole.lastIndexOf(mark);
    return at < 0 ? "" : whole.substring(at + mark.length());
  }

  @Override
  public OptionalInt room(Prompt prompt) {
    return OptionalInt.of(generator.context() - encode(prompt).length);
  }

  int batch() {
    return batch;
  }

  /**
   * {@return the tokens of a text that stands behind a prompt}
   *
   * @param text for example the beginning of an answer
   */
  public int[] encodeContinuation(String text) {
    requireOpen();
    return tokenizer.encodeContinuation(text);
  }

  /**
   * The text of tokens.
   *
   * @param ids token ids
   * @return their text without special tokens
   */
  public String decode(int[] ids) {
    return tokenizer.decode(ids, true);
  }

  /** The fewest tokens whose text holds a stop text, or -1. */
  private ToIntFunction<int[]> cut(List<String> stop) {
    return ids -> {
      if (stop.isEmpty() || !holds(ids, stop)) {
        return -1;
      }
      int length = 1;
      while (!holds(Arrays.copyOf(ids, length), stop)) {
        length++;
      }
      return length;
    };
  }

  private boolean holds(int[] ids, List<String> stop) {
    String text = tokenizer.decode(ids, true);
    return stop.stream().anyMatch(text::contains);
  }

  /** An answer up to the first stop text, if it holds one; else all of it, not ended. */
  Completion stopped(int[] ids, List<String> stop) {
    int length = cut(stop).applyAsInt(ids);
    Completion.End end = length < 0 ? Completion.End.LENGTH : Completion.End.STOP;
    int[] kept = length < 0 ? ids : Arrays.copyOf(ids, length);
    return completion(new Generator.Generated(kept, new float[0], end), stop);
  }

  private Completion completion(Generator.Generated generated, List<String> stop) {
    int known = tokenizer.vocabularySize();
    if (Arrays.stream(generated.ids()).anyMatch(id -> id >= known)) {
      Warnings.once(
          "%s: wrote ids from %d on, which its tokenizer does not have; they have no text"
              .formatted(name, known));
    }
    String text = tokenizer.decode(generated.ids(), true);
    int end = stop.stream().mapToInt(text::indexOf).filter(i -> i >= 0).min().orElse(text.length());
    return new Completion(
        text.substring(0, end), generated.ids(), generated.logProbs(), generated.end());
  }

  private void requireOpen() {
    if (closed) {
      throw new BadInput("model " + name + " is closed; load it again");
    }
  }

  @Override
  public void close() {
    closed = true;
    generator.close();
    if (owned != null) {
      owned.close();
      tokenizer.close();
    }
  }
}
