package io.github.derta.position;

import io.github.derta.io.BadInput;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Who was attacked how, as the path of a published file tells.
 *
 * @param attack as the paper names it, such as {@code CodeAttack}
 * @param model as the paper names it, such as {@code LLaMA3-70B-Instruct}
 * @param method {@code vanilla, harmful prefix, DeRTa, DPO}, or {@code as released}
 */
public record PublishedName(String attack, String model, String method) {

  private static final Pattern LLAMA = Pattern.compile("(?i)llama-3-(8|70)B(-ins)?");

  /** The paper's names of the attacks by the folders of its public repository. */
  private static final Map<String, String> ATTACKS =
      Map.of(
          "autodan", "AutoDAN",
          "codeattack", "CodeAttack",
          "completionattack", "CompletingAttack",
          "jailbreakchat", "JailbreakChat",
          "selfcipher", "SelfCipher");

  /**
   * {@return what it tells}
   *
   * @param folder under results/safety; stays as it is if it is none of the repository's
   * @param file the name in it
   * @throws BadInput if the name tells no model
   */
  public static PublishedName of(String folder, String file) {
    return new PublishedName(ATTACKS.getOrDefault(folder, folder), model(file), method(file));
  }

  private static String model(String file) {
    if (file.contains("gpt-4")) {
      return "GPT-4";
    }
    if (file.contains("gpt-3.5")) {
      return "ChatGPT";
    }
    Matcher llama = LLAMA.matcher(file);
    if (!llama.find()) {
      throw new BadInput("file name " + file + ": tells no model");
    }
    return "LLaMA3-" + llama.group(1) + "B" + (llama.group(2) == null ? "" : "-Instruct");
  }

  private static String method(String file) {
    record Mark(String inName, String method) {}
    return Stream.of(
            new Mark("vanil", "vanilla"),
            new Mark("recaug", "harmful prefix"),
            new Mark("dpo", "DPO"),
            new Mark("derta", "DeRTa"),
            new Mark("ours", "DeRTa"))
        .filter(mark -> file.contains(mark.inName()))
        .map(Mark::method)
        .findFirst()
        .orElse("as released");
  }
}
