package io.github.derta.attack;

import io.github.derta.model.LanguageModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.sf.extjwnl.JWNLException;
import net.sf.extjwnl.data.IndexWord;
import net.sf.extjwnl.data.POS;
import net.sf.extjwnl.data.Word;
import net.sf.extjwnl.dictionary.Dictionary;

/**
 * Words of the same meaning, from WordNet 3.1, for words in the form in which it lists them, and
 * AutoDAN's mutation by them, which needs no {@link LanguageModel}.
 */
final class Synonyms implements Mutator {

  static final String NAME = "wordnet";

  /** Of the words that have synonyms, so many are changed in a mutation. */
  private static final double SHARE = 0.2;

  /** A meaning counts if the word has it at least once in so many uses. */
  private static final int USUAL = 5;

  /** Words of content; what stands for the question is none. */
  private static final Pattern WORD =
      Pattern.compile("(?<![\\p{L}\\p{N}_'’{])[A-Za-z]{4,}+(?![\\p{N}_'’}])");

  /** Words of four letters and more that say nothing by themselves, but stand in WordNet. */
  private static final Set<String> EMPTY =
      Set.of(
          ("about above after again along also always among back been before behind below both come"
                  + " does done down each else even ever every good have having here into itself"
                  + " just know less like many more most much must near need never next none once"
                  + " only other over same some soon still such take then there they thing this"
                  + " through under until very well what when where which while will with without"
                  + " word would your yours")
              .split(" "));

  /** Read when the first word is looked up. */
  private static final class WordNet {
    static final Dictionary ALL = open();

    private static Dictionary open() {
      try {
        return Dictionary.getDefaultResourceInstance();
      } catch (JWNLException e) {
        throw new IllegalStateException("WordNet is not on the class path", e);
      }
    }
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String hash() {
    return Texts.hash(NAME + " 3.1 " + SHARE + " " + USUAL);
  }

  /**
   * Single words of the same meaning, in WordNet's order; none for words of little content. Rare
   * words and rare meanings are left out: WordNet knows a "game" as hemp.
   */
  static List<String> of(String word) {
    String wanted = word.toLowerCase(Locale.ROOT);
    List<Word> usual = List.of();
    int most = -1;
    for (POS kind : EMPTY.contains(wanted) ? List.<POS>of() : POS.getAllPOS()) {
      List<Word> meanings = meanings(kind, wanted);
      int uses = meanings.stream().mapToInt(Word::getUseCount).sum();
      if (!meanings.isEmpty() && uses > most) {
        usual = meanings;
        most = uses;
      }
    }
    int enough = most / USUAL;
    return usual.stream()
        .filter(meaning -> meaning.getUseCount() >= enough)
        .flatMap(meaning -> meaning.getSynset().getWords().stream())
        .filter(other -> other.getUseCount() > 0)
        .map(Word::getLemma)
        .filter(lemma -> lemma.matches("[a-z]{4,}") && !lemma.equals(wanted))
        .filter(lemma -> !EMPTY.contains(lemma))
        .distinct()
        .toList();
  }

  /** The word in each of its meanings as one kind of word. */
  private static List<Word> meanings(POS kind, String word) {
    try {
      IndexWord entry = WordNet.ALL.getIndexWord(kind, word);
      return entry == null
          ? List.of()
          : entry.getSenses().stream()
              .flatMap(sense -> sense.getWords().stream())
              .filter(one -> one.getLemma().equals(word))
              .toList();
    } catch (JWNLException e) {
      throw new IllegalStateException("WordNet cannot be read", e);
    }
  }

  /** The words of content in a text, in lower case. */
  static List<String> words(String text) {
    return WORD.matcher(text)
        .results()
        .map(match -> match.group().toLowerCase(Locale.ROOT))
        .filter(word -> !EMPTY.contains(word))
        .toList();
  }

  /** A text with its words of content changed; their capitals stay. */
  static String replace(String text, UnaryOperator<String> change) {
    return WORD.matcher(text).replaceAll(match -> Matcher.quoteReplacement(one(match, change)));
  }

  private static String one(MatchResult match, UnaryOperator<String> change) {
    String word = match.group();
    String lower = word.toLowerCase(Locale.ROOT);
    String other = EMPTY.contains(lower) ? lower : change.apply(lower);
    if (other.equals(lower)) {
      return word;
    }
    return Character.isUpperCase(word.charAt(0))
        ? Character.toUpperCase(other.charAt(0)) + other.substring(1)
        : other;
  }

  @Override
  public List<String> mutate(
      List<String> templates, SplittableRandom random, SearchLog.Search search) {
    List<String> mutated = new ArrayList<>();
    for (String template : templates) {
      mutated.add(
          replace(
              template,
              word -> {
                List<String> others = random.nextDouble() < SHARE ? of(word) : List.of();
                return others.isEmpty() ? word : others.get(random.nextInt(others.size()));
              }));
    }
    return mutated;
  }
}
