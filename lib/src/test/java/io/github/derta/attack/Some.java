package io.github.derta.attack;

import io.github.derta.model.Completion;
import io.github.derta.model.Decoding;
import io.github.derta.model.LanguageModel;
import io.github.derta.model.Prompt;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** Questions and models for tests. */
final class Some {

  /** Of the clone whose tests run; nothing is fetched in tests. */
  static final Originals ORIGINALS = new Originals(Path.of("no-such-cache"), null);

  static final Questions KITCHEN = Questions.find("kitchen", ORIGINALS);

  private Some() {}

  static Questions questions(String... texts) {
    List<Question> all =
        IntStream.range(0, texts.length).mapToObj(i -> new Question("q-" + i, texts[i])).toList();
    return new Questions(
        "some", "a test", "none", all, 0, false, new PerQuestion("none", Map.of()));
  }

  /** A model that answers each prompt's text. */
  static LanguageModel model(UnaryOperator<String> answer) {
    return model(answer, Completion.End.STOP);
  }

  static LanguageModel model(UnaryOperator<String> answer, Completion.End end) {
    return answering(prompt -> answer.apply(prompt.text()), end);
  }

  /** A model that sees the whole prompt. */
  static LanguageModel answering(Function<Prompt, String> answer, Completion.End end) {
    return new LanguageModel() {
      @Override
      public String name() {
        return "echo";
      }

      @Override
      public List<Completion> complete(List<Prompt> prompts, Decoding decoding) {
        return prompts.stream()
            .map(p -> new Completion(answer.apply(p), new int[0], new float[0], end))
            .toList();
      }

      @Override
      public void close() {}
    };
  }
}
