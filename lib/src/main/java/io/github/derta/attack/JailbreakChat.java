package io.github.derta.attack;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import io.github.derta.model.Prompt;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * JailbreakChat: templates that people wrote, with the question put in; question i of its source
 * gets template i mod n.
 */
public final class JailbreakChat implements Attack {

  private static final String PYRIT = "{{ prompt }}";

  private final String origin;
  private final List<Template> templates;
  private final Questions questions;

  private JailbreakChat(String origin, List<Template> templates, Questions questions) {
    this.origin = origin;
    this.templates = templates;
    this.questions = questions;
  }

  private record Template(String name, String text) {}

  /**
   * {@return the attack with templates of our own, which are harmless and name no topic}
   *
   * @param questions what is asked
   */
  public static JailbreakChat builtIn(Questions questions) {
    String name = "jailbreakchat.txt";
    return new JailbreakChat("built-in", blocks(Path.of(name), Texts.resource(name)), questions);
  }

  /**
   * {@return the attack with the templates of jailbreakchat.com that pyrit's wheel holds (MIT)}
   *
   * @param originals where the wheel is
   * @param questions what is asked
   */
  public static JailbreakChat pyrit(Originals originals, Questions questions) {
    List<Template> templates = new ArrayList<>();
    String folder = "pyrit/datasets/jailbreak/templates/";
    originals
        .entries("pyrit", entry -> entry.matches(folder + "[^/]*\\.yaml"))
        .forEach(
            (entry, text) -> {
              JsonNode yaml = yaml(entry, text);
              String value = yaml.path("value").asText();
              if (yaml.path("source").asText().endsWith("/jailbreakchat")
                  && value.contains(PYRIT)) {
                String name = entry.substring(folder.length()).replace(".yaml", "");
                templates.add(new Template(name, value.strip().replace(PYRIT, Texts.QUESTION)));
              }
            });
    return new JailbreakChat("pyrit 1.1.0, those of jailbreakchat", templates, questions);
  }

  /**
   * {@return the attack with a user's templates}
   *
   * @param file JSON Lines ({@code .json}, {@code .jsonl}) with "template" and perhaps "name", or
   *     text in which a line "=== name" begins each template; "{question}" stands for the question
   * @param questions what is asked
   * @throws BadInput if there is no template or one has no place for the question
   */
  public static JailbreakChat read(Path file, Questions questions) {
    List<Template> templates = new ArrayList<>();
    if (Texts.isJson(file)) {
      JsonLines.read(
          file,
          line -> {
            String name = line.value().has("name") ? line.text("name") : "line " + line.number();
            templates.add(checked(file, line.number(), name, line.text("template")));
          });
    } else {
      templates.addAll(blocks(file, Texts.read(file)));
    }
    if (templates.isEmpty()) {
      throw new BadInput(
          file + ": holds no template; each begins behind a line \"=== name\" of its own");
    }
    return new JailbreakChat(file.getFileName().toString(), templates, questions);
  }

  @Override
  public String name() {
    return "jailbreakchat";
  }

  @Override
  public Map<String, Object> parameters() {
    return Texts.parameters(
        "prompts",
        origin,
        "templates",
        templates.stream().map(Template::name).toList(),
        "templates_sha256",
        Texts.hash(templates),
        "choice",
        "question i of the source, from 0, gets template i mod " + templates.size());
  }

  @Override
  public Prompt prompt(Question question) {
    Template template = templates.get(questions.indexOf(question) % templates.size());
    return Prompt.chat(template.text.replace(Texts.QUESTION, question.text()));
  }

  private static List<Template> blocks(Path file, String text) {
    List<Template> templates = new ArrayList<>();
    List<String> lines = text.lines().toList();
    for (int begin = 0; begin < lines.size(); begin++) {
      if (lines.get(begin).startsWith("===")) {
        int end = begin + 1;
        while (end < lines.size() && !lines.get(end).startsWith("===")) {
          end++;
        }
        String name = lines.get(begin).substring(3).strip();
        String body = String.join("\n", lines.subList(begin + 1, end)).strip();
        templates.add(checked(file, begin + 1L, name, body));
      }
    }
    return templates;
  }

  private static Template checked(Path file, long line, String name, String text) {
    if (!text.contains(Texts.QUESTION)) {
      throw BadInput.at(
          file, line, "template \"" + name + "\" has no " + Texts.QUESTION + " for the question");
    }
    return new Template(name, text);
  }

  private static JsonNode yaml(String entry, String text) {
    try {
      return Texts.YAML.readTree(text);
    } catch (IOException e) {
      throw new BadInput(entry + ": not YAML (" + e.getMessage() + ")", e);
    }
  }
}
