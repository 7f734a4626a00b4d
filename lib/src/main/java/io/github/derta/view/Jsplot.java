package io.github.derta.view;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import tech.tablesaw.plotly.components.Layout;
import tech.tablesaw.plotly.traces.Trace;

/** Reads what tablesaw-jsplot writes, which is JavaScript, into the JSON that Plotly documents. */
final class Jsplot {

  private static final JsonMapper LENIENT =
      JsonMapper.builder()
          .enable(
              JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES,
              JsonReadFeature.ALLOW_SINGLE_QUOTES,
              JsonReadFeature.ALLOW_TRAILING_COMMA,
              JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS,
              JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS)
          .build();

  private Jsplot() {}

  /**
   * @param numbers the data fields that hold numbers; jsplot writes those of a scatter trace or a
   *     histogram as strings
   */
  static ObjectNode read(Trace trace, String... numbers) {
    // The index only names a JavaScript variable, which is dropped here.
    ObjectNode tree = parse(trace.asJavascript(0));
    for (String field : numbers) {
      ArrayNode values = (ArrayNode) tree.get(field);
      for (int i = 0; i < values.size(); i++) {
        if (values.get(i).isTextual()) {
          values.set(i, tree(values.get(i).textValue()));
        }
      }
    }
    return tree;
  }

  static ObjectNode read(Layout layout) {
    return parse(layout.asJavascript());
  }

  private static ObjectNode parse(String javascript) {
    String object = javascript.substring(javascript.indexOf('{'), javascript.lastIndexOf('}') + 1);
    return (ObjectNode) tree(object);
  }

  private static JsonNode tree(String text) {
    try {
      return finite(LENIENT.readTree(text));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("jsplot wrote what cannot be read: " + text, e);
    }
  }

  /** JSON knows no NaN; a gap is null. Empty strings are jsplot's word for "not set". */
  private static JsonNode finite(JsonNode node) {
    if (node.isDouble() && !Double.isFinite(node.doubleValue())) {
      return NullNode.getInstance();
    }
    if (node instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        array.set(i, finite(array.get(i)));
      }
    } else if (node instanceof ObjectNode object) {
      object
          .properties()
          .removeIf(
              field -> field.getValue().isTextual() && field.getValue().textValue().isEmpty());
      object.properties().forEach(field -> field.setValue(finite(field.getValue())));
    }
    return node;
  }
}
