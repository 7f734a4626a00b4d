package io.github.derta.train;

import io.github.derta.data.Labels;
import io.github.derta.data.Mix;
import io.github.derta.data.MixRecipe;
import io.github.derta.data.Preference;
import io.github.derta.data.Preferences;
import io.github.derta.data.PromptFormat;
import io.github.derta.data.Row;
import io.github.derta.data.SafetyTriple;
import io.github.derta.data.Source;
import io.github.derta.data.TokenRow;
import io.github.derta.data.TokenRows;
import io.github.derta.io.BadInput;
import io.github.derta.io.Hashes;
import io.github.derta.io.JsonLines;
import io.github.derta.kitchen.Kitchen;
import io.github.derta.kitchen.KitchenQuestion;
import io.github.derta.model.ModelFolder;
import io.github.derta.text.ChatTemplate;
import io.github.derta.text.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The rows of a run in tokens.
 *
 * @param rows what is trained on
 * @param labels how it is labelled
 * @param validation what losses are measured on, possibly nothing
 * @param hash SHA-256 of the rows as JSON
 * @param notes what is left out or cut, a sentence each
 */
record TrainingData(
    TokenRows rows, Labels labels, TokenRows validation, String hash, List<String> notes) {

  static final String KITCHEN = "kitchen";

  /** Held-out answers of each sort: enough for a curve, a few seconds on two cores. */
  private static final int VALIDATION_ANSWERS = 16;

  static TrainingData of(Recipe recipe, Path model) {
    try (Tokenizer tokenizer = Tokenizer.load(model)) {
      int refusal = tokenizer.singleToken(recipe.refusal());
      List<String> notes = new ArrayList<>();
      List<Row> training = training(recipe, model, notes);
      if (training.isEmpty()) {
        throw new BadInput(recipe.data() + ": no rows to train on");
      }
      TokenRows rows = TokenRows.of(training, tokenizer, recipe.block());
      if (rows.stream().allMatch(row -> row.labels() == 0)) {
        throw new BadInput(
            recipe.data()
                + ": no row has a label; the prompts fill the block of "
                + recipe.block()
                + " tokens, a larger one is needed");
      }
      note(notes, rows, recipe, !tokenizer.specialTokens().isEmpty());
      return new TrainingData(
          rows,
          new Labels(refusal, recipe.drop(), recipe.seed()),
          TokenRows.of(validation(recipe, model, notes), tokenizer, recipe.block()),
          hash(training),
          List.copyOf(notes));
    }
  }

  private static void note(List<String> notes, TokenRows rows, Recipe recipe, boolean special) {
    long without = rows.stream().filter(row -> row.labels() == 0).count();
    long cut = rows.stream().filter(TokenRow::cut).count();
    String data = recipe.data() + ": ";
    if (cut > 0) {
      notes.add(data + cut + " rows are cut by the block of " + recipe.block() + " tokens");
    }
    if (without > 0) {
      notes.add(data + without + " rows are left out, the block leaves them no label");
    }
    if (rows.marked() > 0) {
      notes.add(
          data + rows.marked() + " rows have special tokens inside their answers, encoded as text");
    }
    if (special && 2 * rows.foreignEnds() > rows.size()) {
      throw new BadInput(
          data
              + rows.foreignEnds()
              + " of "
              + rows.size()
              + " rows end in a mark that is no special token of this model, such as <|end_of_text|> of the"
              + " paper's format; BuildData.java --format NAME --model DIR writes the model's own");
    }
    if (rows.foreignEnds() > 0) {
      notes.add(data + rows.foreignEnds() + " rows end in a mark of another model's format");
    }
  }

  static List<Row> training(Recipe recipe, Path model, List<String> notes) {
    if (!recipe.data().equals(KITCHEN)) {
      Path file = recipe.dataFile();
      return recipe.dpo() == null
          ? first(recipe, ofMethod(recipe, read(Source.rows(file), file, notes)))
          : rows(first(recipe, read(Source.preferences(file), file, notes)));
    }
    MixRecipe mix =
        MixRecipe.of(recipe.method())
            .format(chat(recipe, model))
            .seed(recipe.seed())
            .rows(count(recipe.helpfulRows()), count(recipe.safetyRows()));
    return recipe.dpo() == null
        ? Mix.of(mix, Kitchen.helpful(), Kitchen.safetyFor(mix))
        : rows(Preferences.of(mix, Kitchen.helpful(), Kitchen.safetyFor(mix)));
  }

  private static List<Row> rows(List<Preference> pairs) {
    return pairs.stream().flatMap(pair -> pair.rows().stream()).toList();
  }

  private static int count(Integer rows) {
    return rows == null ? MixRecipe.ALL : rows;
  }

  /** Whether a file can hold what its method makes: RTO rows, or none. */
  private static List<Row> ofMethod(Recipe recipe, List<Row> rows) {
    long rto = rows.stream().filter(Row::rto).count();
    if (rto > 0 != recipe.method().hasRtoRows()) {
      throw new BadInput(
          "%s: %d of %d rows are RTO rows, so these are not those of method %s; name the method that made them, and for several methods a file each, as rows-{method}.jsonl"
              .formatted(recipe.dataFile(), rto, rows.size(), recipe.method()));
    }
    return rows;
  }

  /** The first rows, if only some are wanted. */
  private static <T> List<T> first(Recipe recipe, List<T> rows) {
    return recipe.rows() == null || recipe.rows() >= rows.size()
        ? rows
        : rows.subList(0, recipe.rows());
  }

  private static <T> List<T> read(Source<T> source, Path file, List<String> notes) {
    source.skipped().forEach((why, n) -> notes.add(file + ": skipped " + n + " rows, " + why));
    return source.items();
  }

  private static List<Row> validation(Recipe recipe, Path model, List<String> notes) {
    if (recipe.validation() == null) {
      return List.of();
    }
    return recipe.validation().equals(KITCHEN)
        ? heldOut(chat(recipe, model))
        : first(
            recipe,
            read(Source.rows(Path.of(recipe.validation())), Path.of(recipe.validation()), notes));
  }

  /** The kitchen's held-out answers: dishes as RTO rows, tasks as ordinary ones. */
  private static List<Row> heldOut(PromptFormat format) {
    return Stream.of(KitchenQuestion.Kind.DISH, KitchenQuestion.Kind.TASK)
        .flatMap(kind -> Kitchen.heldOut(kind).stream().limit(VALIDATION_ANSWERS))
        .map(question -> row(question, format))
        .toList();
  }

  private static Row row(KitchenQuestion question, PromptFormat format) {
    if (question.kind() != KitchenQuestion.Kind.DISH) {
      return Row.helpful(Kitchen.helpful(question), format);
    }
    String unsafe = Kitchen.answer(question).answer();
    return Row.rto(new SafetyTriple(question.text(), unsafe, ""), format);
  }

  private static PromptFormat chat(Recipe recipe, Path model) {
    ChatTemplate template =
        ModelFolder.template(model, null, recipe.format())
            .orElseGet(() -> ChatTemplate.load(model)); // which says what is missing
    return PromptFormat.of("template", template);
  }

  static String hash(List<Row> rows) {
    return Hashes.sha256(
        out -> {
          for (Row row : rows) {
            out.write(JsonLines.MAPPER.writeValueAsBytes(row.toJson()));
            out.write('\n');
          }
        });
  }
}
