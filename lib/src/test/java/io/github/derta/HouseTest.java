package io.github.derta;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The shape of the house: which package may use which, and how large it is. */
class HouseTest {

  private static final Path MAIN = Path.of("src/main/java/io/github/derta");

  /** What each package may use; view may use all. */
  private static final Map<String, List<String>> USES =
      Map.ofEntries(
          entry("io"),
          entry("jinja", "io"),
          entry("text", "io", "jinja"),
          entry("stats", "io"),
          entry("position", "io", "text", "stats"),
          entry("data", "io", "text", "stats"),
          entry("kitchen", "io", "text", "stats", "data"),
          entry("model", "io", "text"),
          entry("attack", "io", "data", "kitchen", "model", "text"),
          entry("train", "io", "text", "stats", "data", "kitchen", "model"),
          entry(
              "eval",
              "io",
              "text",
              "stats",
              "position",
              "data",
              "kitchen",
              "model",
              "train",
              "attack"));

  private static final int EVAL_AND_VIEW = 5197;

  private final JavaClasses house =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.github.derta");

  @Test
  void packagesHaveNoCycles() {
    slices().matching("io.github.derta.(*)..").should().beFreeOfCycles().check(house);
  }

  private static Map.Entry<String, List<String>> entry(String name, String... uses) {
    return Map.entry(name, List.of(uses));
  }

  @Test
  void arrowsGoOneWay() throws IOException {
    for (String name : packages()) {
      List<String> allowed = name.equals("view") ? packages() : USES.get(name);
      assertThat(allowed).as("what package " + name + " may use").isNotNull();
      String[] forbidden =
          packages().stream()
              .filter(other -> !other.equals(name) && !allowed.contains(other))
              .map(other -> "io.github.derta." + other)
              .toArray(String[]::new);
      noClasses()
          .that()
          .resideInAPackage("io.github.derta." + name)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(forbidden)
          .allowEmptyShould(true)
          .check(house);
    }
  }

  @Test
  void noClassHasMoreThan400LinesOfCode() throws IOException {
    Map<String, Integer> byPackage = new TreeMap<>();
    try (Stream<Path> files = Files.walk(MAIN)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
        int lines = (int) Files.readAllLines(file).stream().filter(HouseTest::isCode).count();
        assertThat(lines).as("lines of code in " + file).isLessThanOrEqualTo(400);
        byPackage.merge(file.getParent().getFileName().toString(), lines, Integer::sum);
      }
    }
    int all = byPackage.values().stream().mapToInt(Integer::intValue).sum();
    System.out.println("Lines of main code: " + all + " " + byPackage);
    assertThat(byPackage.get("eval") + byPackage.get("view"))
        .as("lines of code in eval and view; 3,900 are wanted, what is reached is kept")
        .isLessThanOrEqualTo(EVAL_AND_VIEW);
  }

  private static boolean isCode(String line) {
    return !line.isBlank() && !line.strip().matches("(//|/\\*|\\*).*");
  }

  private static List<String> packages() throws IOException {
    try (Stream<Path> folders = Files.list(MAIN)) {
      return folders.filter(Files::isDirectory).map(f -> f.getFileName().toString()).toList();
    }
  }
}
