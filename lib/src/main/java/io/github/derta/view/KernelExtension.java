package io.github.derta.view;

import com.fasterxml.jackson.core.type.TypeReference;
import io.github.derta.io.JsonLines;
import java.util.Map;
import org.dflib.jjava.jupyter.Extension;
import org.dflib.jjava.jupyter.kernel.BaseKernel;
import org.dflib.jjava.jupyter.kernel.display.Renderer;
import org.dflib.jjava.jupyter.kernel.display.mime.MIMEType;
import tech.tablesaw.api.Table;

/**
 * Teaches the JJava notebook kernel to show tables and figures; the kernel finds it by itself. A
 * figure goes out as Plotly JSON only: GitHub would prefer HTML to a picture and show nothing.
 */
public final class KernelExtension implements Extension {

  private static final MIMEType PLOTLY = MIMEType.parse("application/vnd.plotly.v1+json");

  /** Called by the kernel. */
  public KernelExtension() {}

  @Override
  public void install(BaseKernel kernel) {
    register(kernel.getRenderer());
  }

  static void register(Renderer renderer) {
    renderer
        .createRegistration(Figure.class)
        .preferring(PLOTLY, MIMEType.TEXT_PLAIN)
        .register((figure, context) -> context.renderIfRequested(PLOTLY, () -> map(figure)));
    renderer
        .createRegistration(TokenView.class)
        .preferring(MIMEType.TEXT_HTML, MIMEType.TEXT_PLAIN)
        .register(
            (view, context) -> context.renderIfRequested(MIMEType.TEXT_HTML, () -> view.toHtml()));
    renderer
        .createRegistration(TranscriptView.class)
        .preferring(MIMEType.TEXT_HTML, MIMEType.TEXT_PLAIN)
        .register(
            (view, context) -> context.renderIfRequested(MIMEType.TEXT_HTML, () -> view.toHtml()));
    renderer
        .createRegistration(Markdown.class)
        .preferring(MIMEType.TEXT_MARKDOWN, MIMEType.TEXT_PLAIN)
        .register(
            (sentence, context) ->
                context.renderIfRequested(MIMEType.TEXT_MARKDOWN, () -> sentence.text()));
    renderer
        .createRegistration(TableView.class)
        .preferring(MIMEType.TEXT_HTML, MIMEType.TEXT_PLAIN)
        .register(
            (view, context) -> context.renderIfRequested(MIMEType.TEXT_HTML, () -> view.toHtml()));
    renderer
        .createRegistration(Table.class)
        .preferring(MIMEType.TEXT_HTML, MIMEType.TEXT_PLAIN)
        .register(
            (table, context) -> {
              TableView view = new TableView(table, TableView.ROWS);
              context.renderIfRequested(MIMEType.TEXT_HTML, () -> view.toHtml());
              context.renderIfRequested(MIMEType.TEXT_PLAIN, () -> view.toString());
            });
  }

  /** The kernel writes messages with Gson, which knows maps but no Jackson tree. */
  private static Map<String, Object> map(Figure figure) {
    return JsonLines.MAPPER.convertValue(figure.toJson(), new TypeReference<>() {});
  }
}
