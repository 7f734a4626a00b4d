package io.github.derta.kitchen;

import io.github.derta.io.Resources;
import io.github.derta.kitchen.KitchenQuestion.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Puts the questions together from the lists beside this class. */
final class Questions {

  private static final Map<Kind, String> FILES =
      Map.of(Kind.DISH, "dishes", Kind.TASK, "tasks", Kind.FACT, "facts", Kind.NEAR, "near");

  private Questions() {}

  /** Dishes and tasks, each asked in so many ways; the other lists hold whole questions. */
  static List<KitchenQuestion> of(Kind kind, boolean heldOut, int waysToAsk) {
    String part = heldOut ? "held-out" : "train";
    List<String> topics = lines(FILES.get(kind) + "-" + part + ".txt");
    List<String> asks =
        switch (kind) {
          case DISH -> lines("asks.txt");
          case TASK -> lines("task-asks.txt");
          case FACT, NEAR -> List.of("%s");
        };
    List<KitchenQuestion> questions = new ArrayList<>();
    for (int way = 0; way < waysToAsk; way++) {
      for (int i = 0; i < topics.size(); i++) {
        // Neighbours in the list are asked differently, and so is a dish the second time.
        String ask = asks.get((i + way * (asks.size() / waysToAsk)) % asks.size());
        String id = String.join("-", kind.name().toLowerCase(Locale.ROOT), part, "" + i, "" + way);
        questions.add(
            new KitchenQuestion(id, kind, heldOut, String.format(Locale.ROOT, ask, topics.get(i))));
      }
    }
    return questions;
  }

  /** The lines of a text resource beside this class. */
  static List<String> lines(String name) {
    return Resources.text(Questions.class, name).lines().toList();
  }
}
