package io.github.derta.attack;

import io.github.derta.io.BadInput;
import io.github.derta.model.Devices;
import io.github.derta.model.LanguageModel;
import io.github.derta.model.Prompt;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Makes attacks from their names, for the questions of one source. Prompts are our own and harmless
 * unless told otherwise.
 */
public final class Attacks {

  /** The names; K is a number of words, {@code code} and {@code prefill} stand for several. */
  public static final List<String> NAMES =
      Stream.of(
              List.of("code"),
              CodeAttack.NAMES,
              List.of("pair", "autodan", "jailbreakchat", "selfcipher", "completing", "direct"),
              List.of("prefill", "prefill-K", "prefill-own-K"))
          .flatMap(List::stream)
          .toList();

  private static final List<String> PREFILLS =
      List.of("prefill-5", "prefill-10", "prefill-25", "prefill-50");

  private static final Pattern PREFILL = Pattern.compile("prefill-(own-)?([0-9]{1,4})");

  /** Attacks that the public repository has prompts of. */
  private static final Map<String, String> PUBLISHED =
      Map.of(
          "code-stack", "safety_codeattack.json",
          "jailbreakchat", "safety_jailbreakchat.json",
          "selfcipher", "safety_selfcipher.json",
          "completing", "safety_completionattack.json");

  private final Questions questions;
  private final Originals originals;
  private final AttackSettings settings = new AttackSettings();
  private boolean published;
  private String templates = "built-in";
  private Path demonstrations;
  private Path openings;
  private Path answers;
  private Path ownAnswers;
  private Function<String, LanguageModel> models =
      spec -> LanguageModel.open(spec, "auto", Devices.parse("auto"));

  private Attacks(Questions questions, Originals originals) {
    this.questions = questions;
    this.originals = originals;
  }

  /**
   * {@return attacks with prompts of our own}
   *
   * @param questions what is asked
   * @param originals where prompts of others are
   */
  public static Attacks on(Questions questions, Originals originals) {
    return new Attacks(questions, originals);
  }

  /**
   * {@return this}
   *
   * @param source {@code built-in} for prompts of our own, {@code published} for those of the
   *     paper's public repository
   * @throws BadInput if it is neither
   */
  public Attacks prompts(String source) {
    if (!List.of("built-in", "published").contains(source)) {
      throw new BadInput("prompts \"" + source + "\"; there are built-in and published");
    }
    published = source.equals("published");
    return this;
  }

  /**
   * {@return this}
   *
   * @param source JailbreakChat's templates: {@code built-in}, {@code pyrit}, or a file as {@link
   *     JailbreakChat#read} has it
   */
  public Attacks templates(String source) {
    templates = source;
    return this;
  }

  /**
   * {@return this}
   *
   * @param file SelfCipher's demonstrations, as {@link SelfCipher#read} has them; null for ours
   */
  public Attacks demonstrations(Path file) {
    demonstrations = file;
    return this;
  }

  /**
   * {@return this}
   *
   * @param file CompletingAttack's openings, JSON Lines with "question_id" and "opening"; null for
   *     others
   */
  public Attacks openings(Path file) {
    openings = file;
    return this;
  }

  /**
   * {@return this}
   *
   * @param file what prefill-K begins: another model's answers, JSON Lines with "question_id" and
   *     "response"; the kitchen's unless told
   */
  public Attacks answers(Path file) {
    answers = file;
    return this;
  }

  /**
   * {@return this}
   *
   * @param file what prefill-own-K begins: answers of the attacked model itself
   */
  public Attacks ownAnswers(Path file) {
    ownAnswers = file;
    return this;
  }

  /**
   * {@return this}
   *
   * @param assignments settings of adaptive attacks, such as {@code pair.streams=5}
   * @throws BadInput if one is no such assignment
   */
  public Attacks set(List<String> assignments) {
    assignments.forEach(settings::add);
    return this;
  }

  /**
   * {@return this}
   *
   * @param open opens the models that settings name
   */
  public Attacks models(Function<String, LanguageModel> open) {
    models = open;
    return this;
  }

  /**
   * {@return the attacks, each once}
   *
   * @param names of {@link #NAMES}
   * @throws BadInput if a name is unknown, or an attack lacks what it needs
   */
  public List<Attack> named(List<String> names) {
    Map<String, Attack> attacks = new LinkedHashMap<>();
    List<String> singles = names.stream().flatMap(this::single).toList();
    settings.checkAmong(singles);
    singles.forEach(name -> attacks.computeIfAbsent(name, this::make));
    return new ArrayList<>(attacks.values());
  }

  private Stream<String> single(String name) {
    return switch (name) {
      case "code" -> published ? Stream.of("code-stack") : CodeAttack.NAMES.stream();
      case "prefill" -> PREFILLS.stream();
      default -> Stream.of(name);
    };
  }

  private Attack make(String name) {
    if (questions.raw() && !name.matches("direct|prefill-\\d+")) {
      throw new BadInput(name + ": training rows can be asked by direct and prefill-K only");
    }
    if (published && PUBLISHED.containsKey(name)) {
      return published(name);
    }
    if (published && CodeAttack.NAMES.contains(name)) {
      throw new BadInput(name + ": no published prompts; of CodeAttack, code-stack has some");
    }
    return switch (name) {
      case "code-stack", "code-list", "code-string", "code-print", "code-steps" ->
          CodeAttack.of(name);
      case "jailbreakchat" -> jailbreakChat();
      case "pair" -> pair();
      case "autodan" ->
          AutoDan.of(settings.of("autodan", AutoDan.Settings.USUAL), questions, models);
      case "selfcipher" ->
          demonstrations == null ? SelfCipher.builtIn() : SelfCipher.read(demonstrations);
      case "completing" -> CompletingAttack.of(openings());
      case "direct" ->
          new PromptAttack(
              name,
              Map.of("prompts", "built-in"),
              question ->
                  questions.raw() ? Prompt.raw(question.text()) : Prompt.chat(question.text()));
      default -> prefill(name);
    };
  }

  private Attack published(String name) {
    boolean others =
        switch (name) {
          case "jailbreakchat" -> !templates.equals("built-in");
          case "selfcipher" -> demonstrations != null;
          case "completing" -> openings != null;
          default -> false;
        };
    if (others) {
      throw new BadInput(
          name + ": published prompts were asked for, and others of one's own; take one of them");
    }
    PerQuestion prompts = PerQuestion.published(questions, originals, PUBLISHED.get(name));
    if (name.equals("completing")) {
      return CompletingAttack.of(prompts);
    }
    Map<String, Object> parameters =
        Texts.parameters(
            "prompts", prompts.origin(), "prompts_sha256", Texts.hash(prompts.texts()));
    return new PromptAttack(name, parameters, question -> Prompt.chat(prompts.of(question)));
  }

  private Attack pair() {
    Pair.Settings how = settings.of("pair", Pair.Settings.USUAL);
    if (!questions.ours()
        && List.of(how.attacker(), how.judge()).contains(Pair.Settings.BUILT_IN)) {
      throw new BadInput(
          "pair: the built-in attacker and judge know only the kitchen; name models for others,"
              + " by pair.attacker=MODEL and pair.judge=MODEL");
    }
    return Pair.of(how, models);
  }

  private Attack jailbreakChat() {
    return switch (templates) {
      case "built-in" -> JailbreakChat.builtIn(questions);
      case "pyrit" -> JailbreakChat.pyrit(originals, questions);
      default -> JailbreakChat.read(Path.of(templates), questions);
    };
  }

  private PerQuestion openings() {
    return openings == null
        ? CompletingAttack.kitchen(questions)
        : PerQuestion.read(openings, "opening");
  }

  private Attack prefill(String name) {
    Matcher matcher = PREFILL.matcher(name);
    if (!matcher.matches()) {
      throw new BadInput("no attack \"" + name + "\"; there are " + String.join(", ", NAMES));
    }
    boolean own = matcher.group(1) != null;
    if (own && ownAnswers == null) {
      throw new BadInput(name + ": a file of the attacked model's own answers is needed");
    }
    Path file = own ? ownAnswers : answers;
    PerQuestion begun = file == null ? questions.answers() : PerQuestion.read(file, "response");
    return Prefill.of(Integer.parseInt(matcher.group(2)), begun, own, questions.raw());
  }
}
