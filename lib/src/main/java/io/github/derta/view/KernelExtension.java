package io.github.derta.view;

import com.fasterxml.jackson.core.type.TypeReference;
import io.github.derta.io.JsonLines;
import java.util.Map;
import java.util.function.Function;
import org.dflib.jjava.jupyter.Extension;
import org.dflib.jjava.jupyter.kernel.BaseKernel;
import org.dflib.jjava.jupyter.kernel.display.Renderer;
import org.dflib.jjava.jupyter.kernel.display.mime.MIMEType;
import tech.tablesaw.api.Table;

/**
 * Teaches the JJava notebook kernel to show tables and figures; the kernel finds it by itself. A
 * figure goes out as Plotly JSON, and as HTML for a JupyterLab without a Plotly renderer;
 * environment/reproduce replaces the HTML by a picture, because GitHub would show an empty place.
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
        .preferring(PLOTLY, MIMEType.TEXT_HTML, MIMEType.TEXT_PLAIN)
        .register(
            (figure, context) -> {
              context.renderIfRequested(PLOTLY, () -> map(figure));
              context.renderIfRequested(MIMEType.TEXT_HTML, figure::toCell);
            });
    show(renderer, TokenView.class, MIMEType.TEXT_HTML, TokenView::toHtml);
    show(renderer, TranscriptView.class, MIMEType.TEXT_HTML, TranscriptView::toHtml);
    show(renderer, Markdown.class, MIMEType.TEXT_MARKDOWN, Markdown::text);
    show(renderer, TableView.class, MIMEType.TEXT_HTML, TableView::toHtml);
    show(
        renderer,
        Table.class,
        MIMEType.TEXT_HTML,
        table -> new TableView(table, TableView.ROWS).toHtml());
  }

  private static <T> void show(
      Renderer renderer, Class<T> type, MIMEType as, Function<T, Object> form) {
    renderer
        .createRegistration(type)
        .preferring(as, MIMEType.TEXT_PLAIN)
        .register((value, context) -> context.renderIfRequested(as, () -> form.apply(value)));
  }

  /** The kernel writes messages with Gson, which knows maps but no Jackson tree. */
  private static Map<String, Object> map(Figure figure) {
    return JsonLines.MAPPER.convertValue(figure.toJson(), new TypeReference<>() {});
  }
}
