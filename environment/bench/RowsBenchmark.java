///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DEPS ${derta.lib:io.github.derta:derta:0.1.0-SNAPSHOT}
//DEPS info.picocli:picocli:4.7.7
//DEPS org.slf4j:slf4j-simple:2.0.20
//RUNTIME_OPTIONS -Dorg.slf4j.simpleLogger.defaultLogLevel=error

import io.github.derta.data.HelpfulPair;
import io.github.derta.data.Method;
import io.github.derta.data.Mix;
import io.github.derta.data.MixRecipe;
import io.github.derta.data.Row;
import io.github.derta.data.SafetyTriple;
import io.github.derta.data.Source;
import io.github.derta.data.TokenRows;
import io.github.derta.io.JsonLines;
import io.github.derta.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Our side of rows.py: reads the sources, builds the DeRTa mix, tokenises it; prints seconds. */
public class RowsBenchmark {

  public static void main(String... args) throws IOException {
    Path folder = Path.of(args[0]);
    try (Tokenizer tokenizer = Tokenizer.load(Path.of(args[1]))) {
      long start = System.nanoTime();
      List<HelpfulPair> helpful = Source.helpful(List.of(folder.resolve("helpful.jsonl"))).items();
      List<SafetyTriple> safety = Source.safety(List.of(folder.resolve("safety.jsonl"))).items();
      Mix mix = Mix.of(MixRecipe.of(Method.DERTA), helpful, safety);
      Path file = folder.resolve("ours.jsonl");
      JsonLines.write(file, mix.stream().map(Row::toJson).iterator());
      TokenRows rows = TokenRows.of(Source.rows(file).items(), tokenizer, 1024);
      double seconds = (System.nanoTime() - start) / 1e9;
      long tokens = rows.stream().mapToLong(row -> row.ids().length).sum();
      System.out.printf("{\"rows\": %d, \"tokens\": %d, \"seconds\": %.3f}%n", rows.size(), tokens, seconds);
    }
  }
}
