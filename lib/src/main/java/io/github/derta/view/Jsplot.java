package io.github.derta.view;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import tech.tablesaw.plotly.components.Layout;

/** Reads a layout of tablesaw-jsplot, which is JavaScript, into the JSON that Plotly documents. */
final class Jsplot {

  private static final JsonMapper LENIENT =
      JsonMapper.builder()
          .enable(JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES, JsonReadFeature.ALLOW_TRAILING_COMMA)
          .build();

  private Jsplot() {}

  static ObjectNode read(Layout layout) {
    String javascript = layout.asJavascript();
    String object = javascript.substring(javascript.indexOf('{'), javascript.lastIndexOf('}') + 1);
    try {
      return (ObjectNode) LENIENT.readTree(object);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("jsplot wrote what cannot be read: " + object, e);
    }
  }
}
