///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DEPS ${derta.lib:io.github.derta:derta:0.1.0-SNAPSHOT}
//DEPS ai.djl.pytorch:pytorch-jni:2.7.1-0.36.0
//DEPS ai.djl.pytorch:pytorch-native-cpu:2.7.1:linux-x86_64
//DEPS info.picocli:picocli:4.7.7
//DEPS org.slf4j:slf4j-simple:2.0.20
//RUNTIME_OPTIONS -Dorg.slf4j.simpleLogger.defaultLogLevel=error

import ai.djl.Device;
import io.github.derta.io.Cli;
import io.github.derta.model.Compute;
import io.github.derta.model.Devices;
import io.github.derta.model.LocalModel;
import io.github.derta.model.ModelFolder;
import io.github.derta.model.ModelServer;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Answers OpenAI's API with a local model. `--help` says the rest. */
@Command(
    name = "Serve.java",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Answers OpenAI's API with a local model, on this machine only, until it is ended (Ctrl-C).",
      "Prints the address when it is ready. There are /v1/models, /v1/chat/completions, /v1/completions;",
      "what they do not know, such as stream, they refuse."
    },
    footer = {
      "",
      "Example: environment/jbang jbang-scripts/Serve.java --model smollm2 --port 8080",
      "Exit code: 2 if the command line or the model is wrong, or the port is taken."
    })
public class Serve implements Callable<Integer> {

  @Option(names = "--model", required = true, paramLabel = "DIR",
      description = "a Hugging Face model folder, or smollm2, which environment/setup brings")
  String model;

  @Option(names = "--port", paramLabel = "N", defaultValue = "8080",
      description = "default: ${DEFAULT-VALUE}; 0: any that is free")
  int port;

  @Option(names = "--batch", paramLabel = "N", defaultValue = "8",
      description = "requests that are generated together (default: ${DEFAULT-VALUE})")
  int batch;

  @Option(names = "--dtype", paramLabel = "auto|f32|bf16|bf16-weights", defaultValue = "auto",
      description = "type of the matrix products (default: the faster)")
  String dtype;

  @Option(names = "--device", paramLabel = "auto|cpu|gpu", defaultValue = "auto",
      description = "default: a GPU if there is one")
  String device;

  public static void main(String... args) {
    Cli.main(new Serve(), args);
  }

  @Override
  public Integer call() throws InterruptedException {
    Path folder = ModelFolder.find(model);
    Device where = Devices.parse(device);
    Compute compute = Compute.parse(dtype, where);
    System.err.println("Products in " + compute + " on " + where.getDeviceType());
    LocalModel local = LocalModel.load(folder, compute, where, batch);
    ModelServer server = ModelServer.start(local, port);
    Runtime.getRuntime().addShutdownHook(new Thread(server::close));
    System.out.println(server.url());
    System.out.flush();
    new CountDownLatch(1).await();
    return 0;
  }
}
