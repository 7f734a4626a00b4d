package io.github.derta.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class GeneticsTest {

  private static final String LONG = "One. Two! Three?\nThe question: {question} Four. Five.";
  private static final String SHORT = "A. {question}\n\nB. C. D.";

  @Test
  void theBestComesFirstAndAmongEqualsTheEarlier() {
    assertThat(Genetics.byFitness(new double[] {-3, -1, -2, -1})).containsExactly(1, 3, 2, 0);
  }

  @Test
  void rouletteDrawsWithTheProbabilitiesOfASoftmax() {
    SplittableRandom random = new SplittableRandom(1);
    double[] fitness = {-5, -5 + Math.log(3), -5 + Math.log(6)};
    int[] drawn = new int[3];
    for (int i = 0; i < 20_000; i++) {
      drawn[Genetics.roulette(fitness, random)]++;
    }
    assertThat(drawn[0] / 20_000.0).isCloseTo(0.1, within(0.01));
    assertThat(drawn[1] / 20_000.0).isCloseTo(0.3, within(0.01));
    assertThat(drawn[2] / 20_000.0).isCloseTo(0.6, within(0.01));
  }

  @Test
  void sentencesEndAtMarksAndLineEnds() {
    assertThat(Genetics.sentences("He said \"no.\" Then 1.5 l.\n\nList:\nx {question}"))
        .containsExactly("He said \"no.\" ", "Then 1.5 l.\n\n", "List:\n", "x {question}");
  }

  @Test
  void childrenShareOutTheSentencesOfTheirParentsAndEachHasOneQuestion() {
    SplittableRandom random = new SplittableRandom(2);
    List<String> parents = sorted(LONG, SHORT);
    int mixed = 0;
    for (int i = 0; i < 200; i++) {
      List<String> children = Genetics.cross(LONG, SHORT, 1 + i % 5, random);
      assertThat(children).allMatch(child -> Genetics.places(child) == 1);
      assertThat(sorted(children.get(0), children.get(1))).isEqualTo(parents);
      mixed += children.contains(LONG) ? 0 : 1;
    }
    assertThat(mixed).isBetween(100, 200);
  }

  private static List<String> sorted(String one, String two) {
    List<String> all = new ArrayList<>(Genetics.sentences(one));
    all.addAll(Genetics.sentences(two));
    return all.stream().map(String::strip).sorted().toList();
  }

  @Test
  void aPromptCrossedWithItselfStaysAsItIs() {
    SplittableRandom random = new SplittableRandom(3);
    for (String one : List.of(LONG, SHORT, "{question}", "Just {question} alone. ok")) {
      assertThat(Genetics.cross(one, one, 5, random)).containsExactly(one, one);
    }
  }

  @Test
  void theBeginningOfAnAnswerStaysAtTheEndOfAChild() {
    SplittableRandom random = new SplittableRandom(4);
    String open = "One. {question} Two. Three. Four.\n\n1.";
    for (int i = 0; i < 200; i++) {
      List<String> children = Genetics.cross(open, SHORT, 5, random);
      assertThat(children).filteredOn(child -> child.contains("1.")).hasSize(1);
      assertThat(children).filteredOn(child -> child.endsWith("\n1.")).hasSize(1);
    }
  }
}
