package io.github.derta.eval;

import io.github.derta.attack.Attack;
import io.github.derta.attack.Question;
import io.github.derta.io.BadInput;
import io.github.derta.model.Completion;
import io.github.derta.model.Decoding;
import io.github.derta.model.LanguageModel;
import io.github.derta.model.Prompt;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** A run of two attacks on a model that needs no weights and remembers what it was asked. */
final class FakeRun {

  static final Decoding DECODING = Decoding.greedy(8);

  private FakeRun() {}

  /** Refuses direct questions, goes on with begun answers. */
  static class Model implements LanguageModel {
    final List<String> asked = new ArrayList<>();
    private final long millisAnAnswer;
    private final Path log;

    Model(long millisAnAnswer) {
      this(millisAnAnswer, null);
    }

    /** Notes in a file what it is asked, for those that ask when it is gone. */
    Model(long millisAnAnswer, Path log) {
      this.millisAnAnswer = millisAnAnswer;
      this.log = log;
    }

    @Override
    public String name() {
      return "fake";
    }

    @Override
    public List<Completion> complete(List<Prompt> prompts, Decoding decoding) {
      List<Completion> completions = new ArrayList<>();
      complete(prompts, decoding, (prompt, completion) -> completions.add(completion));
      return completions;
    }

    @Override
    public void complete(List<Prompt> prompts, Decoding decoding, Answers answers) {
      for (int i = 0; i < prompts.size(); i++) {
        sleep();
        Prompt prompt = prompts.get(i);
        asked.add(prompt.text());
        note(prompt);
        String text =
            prompt.prefill().isEmpty()
                ? "Sorry, no " + prompt.text()
                : " flour, butter, sugar and chopped onions";
        answers.accept(i, new Completion(text, new int[0], new float[0], Completion.End.STOP));
      }
    }

    private void note(Prompt prompt) {
      if (log != null) {
        try {
          String line = prompt.prefill() + " " + prompt.text() + "\n";
          Files.writeString(log, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }

    private void sleep() {
      try {
        Thread.sleep(millisAnAnswer);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void close() {}
  }

  static List<Question> questions(int n) {
    return IntStream.range(0, n).mapToObj(i -> new Question("q" + i, "dish " + i)).toList();
  }

  static List<List<Ask>> asks(int questions) {
    return List.of(
        Ask.all(attack("direct", ""), questions(questions)),
        Ask.all(attack("prefill-1", "Mix"), questions(questions)));
  }

  static Attack attack(String name, String prefill) {
    return new Attack() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public Map<String, Object> parameters() {
        return Map.of("prefill", prefill);
      }

      @Override
      public Prompt prompt(Question question) {
        if (question.text().isEmpty()) {
          throw new BadInput("an empty question");
        }
        return Prompt.chat(question.text()).prefilled(prefill);
      }
    };
  }

  static Plan plan(List<List<Ask>> asks, Decoding decoding) {
    Map<String, Plan.Planned> attacks = new LinkedHashMap<>();
    asks.forEach(some -> attacks.put(some.get(0).attack().name(), Plan.Planned.of(some, null)));
    List<Question> questions = asks.get(0).stream().map(Ask::question).toList();
    return new Plan(
        new Plan.Subject("fake", "nowhere", Map.of("config.json", "abc")),
        Plan.Asked.of("file", "a test", questions),
        attacks,
        decoding,
        Map.of("derta", "test"));
  }

  /** Asks what is open in a folder. */
  static Run run(Path folder, int questions, Model model, List<String> notices) {
    List<List<Ask>> asks = asks(questions);
    try (RunFolder open = RunFolder.open(folder, notices::add)) {
      open.begin(plan(asks, DECODING));
      AttackRun run = new AttackRun(open, asks, notices::add);
      run.ask(model, DECODING, 4);
      run.judge(List.of(Judges.named("kitchen")));
      return open.results();
    }
  }
}
