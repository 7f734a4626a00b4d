///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DEPS ${derta.lib:io.github.derta:derta:0.1.0-SNAPSHOT}
//DEPS info.picocli:picocli:4.7.7
//DEPS org.slf4j:slf4j-simple:2.0.20
//RUNTIME_OPTIONS -Dorg.slf4j.simpleLogger.defaultLogLevel=error

import io.github.derta.data.Batches;
import io.github.derta.data.Labels;
import io.github.derta.data.Method;
import io.github.derta.data.Mix;
import io.github.derta.data.PromptFormat;
import io.github.derta.data.RowBatch;
import io.github.derta.data.TokenRows;
import io.github.derta.io.Cli;
import io.github.derta.io.JsonLines;
import io.github.derta.kitchen.Kitchen;
import io.github.derta.model.ModelFolder;
import io.github.derta.text.ChatTemplate;
import io.github.derta.text.Tokenizer;
import io.github.derta.train.Recipe;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Writes the batches of the kitchen recipe in their order, for another trainer. */
@Command(name = "KitchenBatches.java", mixinStandardHelpOptions = true)
public class KitchenBatches implements Callable<Integer> {

  @Option(names = "--method", required = true)
  String method;

  @Option(names = "--seed", required = true)
  long seed;

  @Option(names = "--epochs", description = "default: the recipe's")
  Integer epochs;

  @Option(names = "--out", required = true, paramLabel = "FILE.jsonl")
  Path out;

  public static void main(String... args) {
    Cli.main(new KitchenBatches(), args);
  }

  @Override
  public Integer call() throws Exception {
    Recipe recipe = Recipe.load("kitchen");
    Path model = ModelFolder.find(recipe.model());
    List<Map<String, int[][]>> all = new ArrayList<>();
    try (Tokenizer tokenizer = Tokenizer.load(model)) {
      PromptFormat format = PromptFormat.of("template", ChatTemplate.load(model));
      Mix mix = Kitchen.mix(Method.named(method), format, seed);
      Labels labels = Labels.of(tokenizer.singleToken(recipe.refusal()), seed);
      TokenRows rows = TokenRows.of(mix, tokenizer, recipe.block());
      int last = epochs == null ? recipe.epochs() : epochs;
      for (int epoch = 0; epoch < last; epoch++) {
        for (RowBatch batch : Batches.of(rows, labels, recipe.batch(), epoch)) {
          all.add(Map.of("ids", batch.ids(), "labels", batch.labels()));
        }
      }
    }
    JsonLines.write(out, all.iterator());
    return 0;
  }
}
