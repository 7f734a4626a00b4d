package io.github.derta.eval;

import io.github.derta.attack.SearchLog;
import io.github.derta.io.Resources;
import io.github.derta.model.Decoding;
import io.github.derta.model.LanguageModel;
import io.github.derta.model.Prompt;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A text with places, such as {@code {question}}, for what was asked and answered. */
record JudgePrompt(String template) {

  /** What stands for the answer of a model that was not asked; it is nobody's verdict. */
  static final String TOO_LONG = "(not asked: longer than the model's context)";

  /** Room for a reason and the verdict. */
  private static final Decoding DECODING = Decoding.greedy(160);

  private static final Pattern PLACE = Pattern.compile("\\{(\\w+)}");

  /** A text beside this class. */
  static JudgePrompt of(String name) {
    return new JudgePrompt(Resources.text(JudgePrompt.class, name).strip());
  }

  /** The text for a question and its response. */
  String of(Answer answer) {
    return of(Map.of("question", answer.question(), "response", answer.response()));
  }

  /** The text; places that the texts themselves hold are left as they are. */
  String of(Map<String, String> texts) {
    return PLACE
        .matcher(template)
        .replaceAll(place -> Matcher.quoteReplacement(texts.get(place.group(1))));
  }

  /** What a model answers to each of some texts, in their order. */
  static List<String> ask(LanguageModel model, List<String> texts, SearchLog.Search kept) {
    List<Prompt> prompts = texts.stream().map(Prompt::chat).toList();
    List<Prompt> fitting = prompts.stream().filter(one -> model.room(one).orElse(1) > 0).toList();
    Iterator<String> said = kept.complete("judge", model, fitting, DECODING).iterator();
    return prompts.stream().map(one -> fitting.contains(one) ? said.next() : TOO_LONG).toList();
  }

  /** The last line of an answer if it is one word of a pattern, which may be set off: **Safe.** */
  static Optional<String> verdict(String said, String words) {
    Matcher last =
        Pattern.compile("(?:^|\\n)[\\s*_`\"'#]*(%s)[\\s*_`\"'.]*$".formatted(words)).matcher(said);
    return last.find() ? Optional.of(last.group(1)) : Optional.empty();
  }
}
