package io.github.derta.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ServiceLoader;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.dflib.jjava.jupyter.Extension;
import org.dflib.jjava.jupyter.kernel.display.DisplayData;
import org.dflib.jjava.jupyter.kernel.display.Renderer;
import org.dflib.jjava.jupyter.kernel.display.mime.MIMEType;
import org.junit.jupiter.api.Test;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.Table;

class KernelExtensionTest {

  private static final Table TABLE = Table.create("t", IntColumn.create("n", 1, 2));

  private final Renderer renderer = new Renderer();

  KernelExtensionTest() {
    KernelExtension.register(renderer);
  }

  @Test
  void theKernelFindsTheExtension() {
    assertThat(ServiceLoader.load(Extension.class))
        .anySatisfy(extension -> assertThat(extension).isInstanceOf(KernelExtension.class));
  }

  @Test
  void aFigureIsPlotlyJsonAndHtmlForThoseWithoutARenderer() {
    DisplayData shown = renderer.render(Figure.lines(TABLE, "n", "n").title("N </script>"));

    assertThat(shown.getData(MIMEType.parse("application/vnd.plotly.v1+json")))
        .asInstanceOf(InstanceOfAssertFactories.MAP)
        .containsOnlyKeys("data", "layout", "config");
    assertThat(shown.getData(MIMEType.TEXT_PLAIN)).isEqualTo("Figure \"N </script>\" (lines)");
    assertThat((String) shown.getData(MIMEType.TEXT_HTML))
        .contains(
            "aria-label=\"N &lt;/script&gt;\" style=\"height:420px\"", "environment/lab --install")
        .contains("\"type\":\"scatter\"")
        .containsOnlyOnce("</script>");
  }

  @Test
  void aTableIsHtmlAndPlainText() {
    for (Object table : new Object[] {TABLE, new TableView(TABLE, 1)}) {
      DisplayData shown = renderer.render(table);

      assertThat((String) shown.getData(MIMEType.TEXT_HTML)).startsWith("<table");
      assertThat((String) shown.getData(MIMEType.TEXT_PLAIN)).contains("n");
    }
  }
}
