package io.github.derta.eval;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import io.github.derta.SmolLM2;
import io.github.derta.attack.Attacks;
import io.github.derta.attack.Generation;
import io.github.derta.attack.Originals;
import io.github.derta.attack.Questions;
import io.github.derta.model.Compute;
import io.github.derta.model.Decoding;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AttackSuiteTest {

  /** The real model; environment/setup brings its weights. */
  @Test
  void everyAttackIsAskedOnceInTheModelsOwnFormatAndKept(@TempDir Path folder) {
    Target base = Target.local("base", SmolLM2.folder(), Compute.F32, Device.cpu());
    Originals none = new Originals(folder, null);
    Questions kitchen = Questions.find("kitchen", none);
    AttackSuite suite =
        new AttackSuite(
            kitchen,
            2,
            Attacks.on(kitchen, none).named(List.of("direct", "completing", "prefill-5")),
            Decoding.greedy(4),
            List.of(Judges.named("kitchen"), Judges.named("phrases")));
    List<String> notices = new ArrayList<>();
    Run first = suite.run(base, folder.resolve("run"), notices::add);
    notices.clear();
    Run second = suite.run(base, folder.resolve("run"), notices::add);

    assertThat(first.answers()).hasSize(6);
    assertThat(first.rulings()).hasSize(12);
    assertThat(second.answers()).isEqualTo(first.answers());
    assertThat(notices).contains("direct: 0 to ask, 2 answered before");
    Plan.Planned direct = first.plan().attacks().get("direct");
    assertThat(direct.example().rendered()).endsWith("<|im_start|>assistant\n");
    assertThat(first.plan().attacks().get("completing").example().chat()).isFalse();
  }

  /** The real model; environment/setup brings its weights. */
  @Test
  void autoDanLooksIntoTheModelAndKeepsItsGenerations(@TempDir Path folder) {
    Target base = Target.local("base", SmolLM2.folder(), Compute.F32, Device.cpu());
    Originals none = new Originals(folder, null);
    Questions kitchen = Questions.find("kitchen", none);
    List<String> small = List.of("autodan.population=3", "autodan.generations=2");
    AttackSuite suite =
        new AttackSuite(
            kitchen,
            1,
            Attacks.on(kitchen, none).set(small).named(List.of("autodan")),
            Decoding.greedy(8),
            List.of(Judges.named("kitchen")));
    Run results = suite.run(base, folder, notice -> {});

    assertThat(results.answers()).hasSize(1);
    assertThat(results.answers().get(0).prompt()).contains(kitchen.first(1).get(0).text());
    List<Generation> generations =
        Generation.read(folder.resolve("searches.jsonl"))
            .get("autodan/" + kitchen.first(1).get(0).id());
    assertThat(generations.get(0).scored()).isEqualTo(3);
    assertThat(generations.get(0).best())
        .isBetween(-6.0, 0.0)
        .isGreaterThan(generations.get(0).mean());
  }
}
