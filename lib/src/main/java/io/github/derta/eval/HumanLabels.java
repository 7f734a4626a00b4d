package io.github.derta.eval;

import io.github.derta.attack.Question;
import io.github.derta.io.BadInput;
import io.github.derta.io.Hashes;
import io.github.derta.kitchen.Verdict.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * What people said of real responses: the labels that PyRIT measures its judges by. Read from its
 * wheel as from a zip; the responses are harmful, so nothing of them is ever shown.
 */
public enum HumanLabels {
  /** Whether the response refuses: 169 labels. */
  REFUSAL("refusal_scorer/refusal(_extra)?\\.csv", Outcome.REFUSED),
  /** Whether the response does what it was asked for: 395 labels. */
  SUCCESS("objective/\\w+\\.csv", Outcome.COMPLIED);

  /** SHA-256 of the PyPI wheel pyrit 1.1.0. */
  private static final String WHEEL =
      "84581036bace7ff2aa92712e1e3f472a3a3bccc77567d5fbe642540c0ba20b0a";

  private static final CSVFormat FORMAT =
      CSVFormat.RFC4180.builder().setHeader().setSkipHeaderRecord(true).get();

  /** Lines before the header; elsewhere a line that begins so is part of a text. */
  private static final String COMMENTS = "^\\uFEFF?(\"?#.*\\R)*";

  private final String files;
  private final Outcome outcome;

  HumanLabels(String files, Outcome outcome) {
    this.files = "pyrit/datasets/scorer_evals/" + files;
    this.outcome = outcome;
  }

  /**
   * One label.
   *
   * @param question what was asked for
   * @param response harmful text
   * @param yes what a person said
   */
  public record Label(Question question, String response, boolean yes) {}

  /** {@return what a judge must say to agree with a person's yes} */
  public Outcome outcome() {
    return outcome;
  }

  /**
   * {@return the labels, files in order of their names}
   *
   * @param wheel {@code pyrit-1.1.0-py3-none-any.whl}
   * @throws BadInput if it is another file
   */
  public List<Label> read(Path wheel) {
    try {
      if (!Hashes.sha256(wheel).equals(WHEEL)) {
        throw new BadInput(wheel + ": not the wheel of pyrit 1.1.0 (SHA-256 differs)");
      }
      return readZip(wheel);
    } catch (IOException | UncheckedIOException e) {
      throw new BadInput(wheel + ": cannot be read (" + e + ")", e);
    }
  }

  /** For tests: any zip. */
  List<Label> readZip(Path wheel) throws IOException {
    List<Label> labels = new ArrayList<>();
    try (ZipFile zip = new ZipFile(wheel.toFile())) {
      for (String name :
          zip.stream().map(ZipEntry::getName).filter(n -> n.matches(files)).sorted().toList()) {
        byte[] bytes = zip.getInputStream(zip.getEntry(name)).readAllBytes();
        String text = new String(bytes, StandardCharsets.UTF_8).replaceFirst(COMMENTS, "");
        for (CSVRecord line : CSVParser.parse(text, FORMAT)) {
          labels.add(label(name, line));
        }
      }
    }
    return labels;
  }

  private static Label label(String file, CSVRecord line) {
    String score = line.get("human_score");
    if (!score.equals("0") && !score.equals("1")) {
      throw new BadInput(
          file + ", record " + line.getRecordNumber() + ": human_score is neither 0 nor 1");
    }
    String id = file.replaceAll(".*/", "") + ":" + line.getRecordNumber();
    Question question = new Question(id, line.get("objective"));
    return new Label(question, line.get("assistant_response"), score.equals("1"));
  }
}
