package org.dflib.jjava.distro; // for the environment variables that JJava reads

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dflib.jjava.jupyter.channels.JupyterConnection;
import org.dflib.jjava.jupyter.channels.ShellReplyEnvironment;
import org.dflib.jjava.jupyter.kernel.KernelConnectionProperties;
import org.dflib.jjava.jupyter.kernel.display.DisplayData;
import org.dflib.jjava.jupyter.messages.Message;
import org.dflib.jjava.jupyter.messages.reply.ErrorReply;
import org.dflib.jjava.jupyter.messages.reply.ExecuteReply;
import org.dflib.jjava.jupyter.messages.request.ExecuteRequest;
import org.dflib.jjava.kernel.JavaKernel;
import org.dflib.jjava.kernel.JavaKernelBuilder;
import org.dflib.jjava.kernel.execution.CodeEvaluator;
import org.dflib.jjava.kernel.magics.ClasspathMagic;
import org.dflib.jjava.kernel.magics.LoadMagic;
import org.dflib.jjava.kernel.magics.TimeMagic;
import org.dflib.jjava.maven.MavenDependencyResolver;
import org.dflib.jjava.maven.magics.LoadFromPomCellMagic;
import org.dflib.jjava.maven.magics.LoadFromPomLineMagic;
import org.dflib.jjava.maven.magics.MavenMagic;
import org.dflib.jjava.maven.magics.MavenRepoMagic;

/**
 * JJava 1.0a8 with two faults mended: Run All stops at an error and at Stop, and Shift+Tab at or
 * within the parentheses of a call shows what is called. environment/setup compiles it.
 */
public final class DertaKernel extends JavaKernelBuilder<DertaKernel, JavaKernel> {

  /** Cells that come this soon after a failure were sent with the one that failed. */
  private static final long SENT_TOGETHER = 300_000_000; // nanoseconds

  @Override
  public JavaKernel build() {
    return new Mended(buildCodeEvaluator("derta"));
  }

  private final class Mended extends JavaKernel {

    private long failed = System.nanoTime() - SENT_TOGETHER;

    Mended(CodeEvaluator evaluator) {
      super(
          "Java (DeRTa)", "1.0", buildLanguageInfo(), List.of(), buildHistoryManager(),
          buildJupyterIO(StandardCharsets.UTF_8), buildCommManager(), buildRenderer(),
          buildMagicsResolver(buildMagicTranspiler()), buildMagicsRegistry(), buildExtensionsEnabled(),
          buildErrorStyler(), buildJShell(evaluator), evaluator);
    }

    @Override
    protected List<String> formatError(Throwable error) {
      failed = System.nanoTime();
      return super.formatError(error);
    }

    @Override
    protected synchronized void handleExecuteRequest(
        ShellReplyEnvironment env, Message<ExecuteRequest> message) {
      long now = System.nanoTime();
      if (now - failed >= SENT_TOGETHER || !message.getContent().shouldStopOnError()) {
        super.handleExecuteRequest(env, message);
        return;
      }
      failed = now;
      env.setBusyDeferIdle();
      ErrorReply skipped = new ErrorReply("Skipped", "a cell before it failed or was stopped", List.of());
      env.replyError(ExecuteReply.MESSAGE_TYPE.error(), skipped);
    }

    @Override
    public DisplayData inspect(String code, int at, boolean detailed) {
      int name = Math.min(at, code.length()) - 1;
      boolean inName = at < code.length() && Character.isJavaIdentifierPart(code.charAt(at));
      if (inName || name < 0 || Character.isJavaIdentifierPart(code.charAt(name))) {
        return super.inspect(code, inName ? at : Math.max(0, name), detailed);
      }
      int open = code.charAt(name) == ')' ? 0 : 1; // parentheses still to be opened
      for (; name >= 0; name--) {
        open += code.charAt(name) == ')' ? 1 : code.charAt(name) == '(' ? -1 : 0;
        if (open == 0) {
          return super.inspect(code, Math.max(0, name - 1), detailed);
        }
      }
      return null;
    }
  }

  /** As JJava starts its own. */
  public static void main(String... arguments) throws Exception {
    MavenDependencyResolver maven = new MavenDependencyResolver();
    JavaKernel kernel =
        new DertaKernel()
            .extensionsEnabled(Env.extensionsEnabled())
            .compilerOpts(Env.compilerOpts())
            .lineMagic("load", new LoadMagic())
            .lineMagic("classpath", new ClasspathMagic())
            .lineMagic("maven", new MavenMagic(maven))
            .lineMagic("mavenRepo", new MavenRepoMagic(maven))
            .lineMagic("loadFromPOM", new LoadFromPomLineMagic(maven))
            .cellMagic("loadFromPOM", new LoadFromPomCellMagic(maven))
            .lineMagic("time", new TimeMagic())
            .cellMagic("time", new TimeMagic())
            .build();
    kernel.onStartup();
    kernel.addToClasspath(Env.extraClasspath());
    Env.startupSnippets().forEach(code -> kernel.evalBuilder(code).resolveMagics().eval());
    JupyterConnection connection =
        new JupyterConnection(KernelConnectionProperties.parse(Files.readString(Path.of(arguments[0]))));
    kernel.becomeHandlerForConnection(connection);
    connection.connect();
    connection.waitUntilClose();
  }
}
