package io.github.derta;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** The real model of the kit, which environment/setup puts in its place before any test runs. */
public final class SmolLM2 {

  private SmolLM2() {}

  /** Its folder; a test that needs it is skipped, and says so, in a clone that was not set up. */
  public static Path folder() {
    Path folder = Path.of(System.getProperty("derta.home"), ".derta/models/smollm2-135m-instruct");
    assumeTrue(Files.isDirectory(folder), "SmolLM2 is not here; environment/setup brings it");
    return folder;
  }
}
