///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DEPS ${derta.lib:io.github.derta:derta:0.1.0-SNAPSHOT}
//DEPS org.slf4j:slf4j-simple:2.0.20
//DEPS ai.djl.pytorch:pytorch-jni:2.7.1-0.36.0
//DEPS ai.djl.pytorch:pytorch-native-cpu:2.7.1:linux-x86_64
//RUNTIME_OPTIONS -Dorg.slf4j.simpleLogger.defaultLogLevel=error

import ai.djl.Device;
import io.github.derta.model.Compute;
import io.github.derta.model.Llama;
import java.io.IOException;
import java.nio.file.Path;

/** Reads a model's folder, or an adapter's with its base, and saves it elsewhere, for environment/checks/peers. */
public class SaveModel {

  public static void main(String... args) throws IOException {
    Path folder = Path.of(args[0]);
    Path saved = Path.of(args[1]);
    if (args.length == 2) {
      try (Llama model = Llama.load(folder)) {
        model.save(saved);
      }
    } else {
      Path base = Path.of(args[2]);
      try (Llama model = Llama.adapted(base, folder, Compute.F32, Device.cpu())) {
        model.saveAdapter(saved, base);
      }
    }
  }
}
