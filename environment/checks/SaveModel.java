///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DEPS ${derta.lib:io.github.derta:derta:0.1.0-SNAPSHOT}
//DEPS org.slf4j:slf4j-simple:2.0.20
//DEPS ai.djl.pytorch:pytorch-jni:2.7.1-0.36.0
//DEPS ai.djl.pytorch:pytorch-native-cpu:2.7.1:linux-x86_64
//RUNTIME_OPTIONS -Dorg.slf4j.simpleLogger.defaultLogLevel=error

import io.github.derta.model.Llama;
import java.io.IOException;
import java.nio.file.Path;

/** Reads a model's folder and saves it elsewhere, for environment/checks/peers. */
public class SaveModel {

  public static void main(String... args) throws IOException {
    try (Llama model = Llama.load(Path.of(args[0]))) {
      model.save(Path.of(args[1]));
    }
  }
}
