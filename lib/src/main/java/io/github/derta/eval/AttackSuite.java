package io.github.derta.eval;

import ai.djl.Device;
import io.github.derta.attack.AdaptiveAttack;
import io.github.derta.attack.Attack;
import io.github.derta.attack.PromptGuard;
import io.github.derta.attack.Questions;
import io.github.derta.io.BadInput;
import io.github.derta.model.Compute;
import io.github.derta.model.Decoding;
import io.github.derta.model.Endpoint;
import io.github.derta.model.EndpointModel;
import io.github.derta.model.LanguageModel;
import io.github.derta.model.LocalModel;
import io.github.derta.model.ModelFolder;
import io.github.derta.model.Rethinking;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The same attacks on the same questions for one model after the other, each in a folder of its
 * own.
 *
 * @param questions what is asked, named as its source
 * @param most how many of the questions each attack asks at most
 * @param attacks how
 * @param decoding how models choose their words
 * @param judges each judges every answer
 */
public record AttackSuite(
    Questions questions, int most, List<Attack> attacks, Decoding decoding, List<Judge> judges) {

  /** Answers that are made together. */
  private static final int BATCH = 32;

  /**
   * {@return a name for the folder of such a run: other attacks, questions or weights have another}
   *
   * @param model a model's folder
   * @param compute the type of the matrix products
   */
  public String id(Path model, Compute compute) {
    try {
      List<Object> all = new ArrayList<>();
      all.add(Plan.Subject.local("", model, null, compute.toString()));
      all.add(about());
      asks().forEach(some -> all.add(Plan.Planned.of(some, null)));
      all.add(decoding);
      return Plan.hash(all).substring(0, 16);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * {@return the type of a local model's products; {@code auto} is that of an earlier run, or else
   * the faster one, which may be another at another time}
   *
   * @param dtype one of {@link Compute#NAMES}
   * @param device where it runs
   * @param runs folders of runs to go on with or to be compared with, the first first; they need
   *     not exist
   * @throws io.github.derta.io.BadInput if the name is none of these
   */
  public static Compute compute(String dtype, Device device, List<Path> runs) {
    Stream<String> before =
        runs.stream()
            .filter(run -> dtype.equals("auto") && Files.exists(run.resolve(RunFolder.PLAN)))
            .map(run -> RunResults.readPlan(run).model().where());
    return before
        .flatMap(where -> Stream.of(Compute.values()).filter(c -> where.startsWith(c + " on ")))
        .findFirst()
        .orElseGet(() -> Compute.parse(dtype, device));
  }

  /**
   * Attacks a model of this machine. Before anything is asked, one prompt of each attack is checked
   * against the model's own format.
   *
   * @param name for tables
   * @param model its folder
   * @param compute the type of the matrix products
   * @param device where it runs
   * @param folder where the run is kept; one that was begun goes on
   * @param notices is told how far it is
   * @return answers and judgements
   * @throws io.github.derta.io.BadInput if the model cannot be read, a prompt is not in its format,
   *     or the folder holds another run
   * @throws java.util.concurrent.CancellationException if the thread was interrupted
   */
  public RunResults local(
      String name,
      Path model,
      Compute compute,
      Device device,
      Path folder,
      Consumer<String> notices) {
    return local(name, model, null, 0, compute, device, folder, notices);
  }

  /**
   * Attacks a model of this machine with an adapter.
   *
   * @param name for tables
   * @param model the base's folder
   * @param adapter a folder as PEFT writes it; null for the base alone
   * @param compute the type of the matrix products
   * @param device where it runs
   * @param folder where the run is kept; one that was begun goes on
   * @param notices is told how far it is
   * @return answers and judgements
   * @throws io.github.derta.io.BadInput as of the other, and if the adapter is for another base
   */
  public RunResults local(
      String name,
      Path model,
      Path adapter,
      Compute compute,
      Device device,
      Path folder,
      Consumer<String> notices) {
    return local(name, model, adapter, 0, compute, device, folder, notices);
  }

  /**
   * The same for a model that is perhaps defended.
   *
   * @param rethinking tokens between two decisions of {@link Rethinking}; 0: no defence
   */
  RunResults local(
      String name,
      Path model,
      Path adapter,
      int rethinking,
      Compute compute,
      Device device,
      Path folder,
      Consumer<String> notices) {
    List<List<Ask>> asks = asks();
    try (RunFolder open = RunFolder.open(folder, notices);
        LocalModel local = LocalModel.load(model, adapter, compute, device, BATCH);
        PromptGuard guard = PromptGuard.of(ModelFolder.texts(model, adapter))) {
      boolean defended = rethinking > 0;
      String where =
          compute
              + " on "
              + device.getDeviceType()
              + (defended ? ", re-thinking every " + rethinking : "");
      Map<String, Plan.Planned> planned = new LinkedHashMap<>();
      for (List<Ask> some : asks) {
        Ask first = some.get(0);
        planned.put(
            first.attack().name(),
            Plan.Planned.of(some, guard.check(local, first.attack(), first.question())));
      }
      Plan.Subject subject = Plan.Subject.local(name, model, adapter, where);
      open.begin(new Plan(subject, about(), planned, decoding, Plan.versions(true)));
      LanguageModel asked = defended ? new Rethinking(local, rethinking) : local;
      return run(open, asks, asked, BATCH, notices);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Attacks a model behind an endpoint, whose server makes the chat format.
   *
   * @param endpoint where it is
   * @param folder where the run is kept; one that was begun goes on
   * @param notices is told how far it is
   * @return answers and judgements
   * @throws io.github.derta.io.BadInput if the server gives no answers, or the folder holds another
   *     run
   * @throws java.util.concurrent.CancellationException if the thread was interrupted
   */
  public RunResults endpoint(Endpoint endpoint, Path folder, Consumer<String> notices) {
    for (Attack attack : attacks) {
      if (attack instanceof AdaptiveAttack adaptive && adaptive.whiteBox()) {
        throw new BadInput(
            attack.name() + " looks into the model: it needs a folder, not an endpoint");
      }
    }
    List<List<Ask>> asks = asks();
    try (RunFolder open = RunFolder.open(folder, notices);
        EndpointModel model = EndpointModel.of(endpoint)) {
      Map<String, Plan.Planned> planned = new LinkedHashMap<>();
      asks.forEach(some -> planned.put(some.get(0).attack().name(), Plan.Planned.of(some, null)));
      Plan.Subject subject = new Plan.Subject(endpoint.model(), endpoint.url(), Map.of());
      open.begin(new Plan(subject, about(), planned, decoding, Plan.versions(false)));
      return run(open, asks, model, most, notices);
    }
  }

  private RunResults run(
      RunFolder open,
      List<List<Ask>> asks,
      LanguageModel model,
      int batch,
      Consumer<String> notices) {
    AttackRun run = new AttackRun(open, asks, notices);
    run.ask(model, decoding, batch);
    run.judge(judges);
    return open.results();
  }

  private List<List<Ask>> asks() {
    return attacks.stream().map(attack -> Ask.all(attack, questions.first(most))).toList();
  }

  private Plan.Asked about() {
    return Plan.Asked.of(questions.name(), questions.origin(), questions.first(most));
  }
}
