package io.github.derta.attack;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import io.github.derta.model.Prompt;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * JailbreakChat: templates that people wrote, with the question put in. Question i of its source
 * gets template i mod n.
 */
public final class JailbreakChat {

  private JailbreakChat() {}

  private record Template(String name, String text) {

    static Template of(JsonLines.Line line) {
      String name = line.value().has("name") ? line.text("name") : "line " + line.number();
      String text = line.text("template");
      if (!text.contains(Texts.QUESTION)) {
        throw BadInput.at(
            line.file(), line.number(), "no " + Texts.QUESTION + " in template \"" + name + "\"");
      }
      return new Template(name, text);
    }
  }

  /**
   * {@return the attack with templates of our own, which are harmless and name no topic}
   *
   * @param questions what is asked
   */
  public static Attack builtIn(Questions questions) {
    return of("built-in", Texts.records("jailbreakchat.jsonl"), questions);
  }

  /**
   * {@return the attack with a user's templates}
   *
   * @param file JSON Lines with "template" and perhaps "name"; "{question}" stands for the question
   * @param questions what is asked
   * @throws BadInput if there is no template or one has no place for the question
   */
  public static Attack read(Path file, Questions questions) {
    return of(file.getFileName().toString(), Texts.records(file), questions);
  }

  /**
   * {@return the attack with the templates of jailbreakchat.com that pyrit's wheel holds (MIT)}
   *
   * @param originals where the wheel is
   * @param questions what is asked
   */
  public static Attack pyrit(Originals originals, Questions questions) {
    List<Template> templates =
        originals
            .entries("pyrit", "pyrit/datasets/jailbreak/templates/[^/]*\\.yaml")
            .values()
            .stream()
            .map(Texts::yaml)
            .filter(yaml -> yaml.path("source").asText().endsWith("/jailbreakchat"))
            .map(JailbreakChat::template)
            .toList();
    return with("pyrit 1.1.0, those of jailbreakchat", templates, questions);
  }

  private static Template template(JsonNode yaml) {
    String text = yaml.get("value").textValue().strip().replace("{{ prompt }}", Texts.QUESTION);
    return new Template(yaml.get("name").textValue(), text);
  }

  private static Attack of(String origin, List<JsonLines.Line> lines, Questions questions) {
    return with(origin, lines.stream().map(Template::of).toList(), questions);
  }

  private static Attack with(String origin, List<Template> templates, Questions questions) {
    int n = templates.size();
    List<Question> order = questions.first(questions.all().size());
    Map<String, Object> parameters =
        Texts.parameters(
            "prompts",
            origin,
            "templates",
            templates.stream().map(Template::name).toList(),
            "templates_sha256",
            Texts.hash(templates),
            "choice",
            "question i, from 0 in the order of asking, gets template i mod " + n);
    return new PromptAttack(
        "jailbreakchat",
        parameters,
        question -> {
          int place = order.indexOf(question);
          if (place < 0) {
            throw new BadInput("question " + question.id() + " is none of " + questions.name());
          }
          Template template = templates.get(place % n);
          return Prompt.chat(template.text.replace(Texts.QUESTION, question.text()));
        });
  }
}
