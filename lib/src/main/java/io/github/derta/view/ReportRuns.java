package io.github.derta.view;

import io.github.derta.eval.Ruling;
import io.github.derta.eval.RunResults;
import io.github.derta.io.BadInput;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What runs on one page are called, and whose verdicts they share. */
final class ReportRuns {

  private ReportRuns() {}

  /** A model's name; with what tells it from another run where that is the same. */
  static String name(Path folder, RunResults run, Map<Path, RunResults> all) {
    String model = run.plan().model().name();
    String asked = run.plan().questions().source();
    List<RunResults> same =
        all.values().stream().filter(one -> one.plan().model().name().equals(model)).toList();
    if (same.size() == 1) {
      return model;
    }
    boolean enough =
        same.stream().filter(one -> one.plan().questions().source().equals(asked)).count() == 1;
    return model + " (" + (enough ? asked : folder) + ")";
  }

  /** The judge whose verdicts every run has: the wanted one, or the first. */
  static String judge(Map<Path, RunResults> read, String wanted) {
    Set<String> common = null;
    StringBuilder judged = new StringBuilder();
    for (Map.Entry<Path, RunResults> one : read.entrySet()) {
      Set<String> names = new LinkedHashSet<>();
      one.getValue().rulings().stream().map(Ruling::judge).forEach(names::add);
      if (names.isEmpty()) {
        throw new BadInput(
            one.getKey()
                + ": nothing is judged yet; the Attack.java command that began it goes on");
      }
      judged.append("\n  ").append(one.getKey()).append(": ").append(names);
      if (common == null) {
        common = names;
      } else {
        common.retainAll(names);
      }
    }
    if (wanted == null && !common.isEmpty()) {
      return common.iterator().next();
    }
    if (wanted == null || !common.contains(wanted)) {
      throw new BadInput(
          (wanted == null ? "no judge" : "judge " + wanted + ": not one that")
              + " judged every run; the same Attack.java command with other --judges judges again:"
              + judged);
    }
    return wanted;
  }
}
