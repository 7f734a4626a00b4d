package io.github.derta.text;

import static io.github.derta.text.JinjaValues.MISSING;
import static io.github.derta.text.JinjaValues.key;
import static io.github.derta.text.JinjaValues.list;
import static io.github.derta.text.JinjaValues.number;
import static io.github.derta.text.JinjaValues.or;
import static io.github.derta.text.JinjaValues.type;

import io.github.derta.text.JinjaValues.Arguments;
import io.github.derta.text.JinjaValues.Attributes;
import io.github.derta.text.JinjaValues.Fault;
import io.github.derta.text.JinjaValues.Function;
import io.github.derta.text.JinjaValues.Markup;
import io.github.derta.text.JinjaValues.Namespace;
import io.github.derta.text.JinjaValues.Tuple;
import io.github.derta.text.JinjaValues.Undefined;
import io.github.derta.text.JinjaValues.View;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** Attributes, items and methods of values, as far as the sandbox of Jinja2 allows them. */
final class JinjaAttributes {

  private static final Set<String> DICT_METHODS = Set.of("items", "keys", "values", "get", "copy");
  private static final Set<String> LIST_METHODS = Set.of("index", "count");
  private static final Set<String> FORBIDDEN =
      Set.of("clear", "pop", "popitem", "setdefault", "update");

  /** Methods of Python that are refused by name. */
  private static final Set<String> UNSUPPORTED =
      Set.of(
          ("str.casefold str.center str.encode str.expandtabs str.format_map str.isascii"
                  + " str.isdecimal str.isidentifier str.isnumeric str.isprintable str.istitle"
                  + " str.ljust str.maketrans str.rjust str.swapcase str.translate str.zfill"
                  + " dict.fromkeys list.copy")
              .split(" "));

  private JinjaAttributes() {}

  /** {@code value.name} */
  static Object attribute(Object value, String name) {
    Object own = own(value, name);
    return own != MISSING ? own : or(element(value, name), undefined(value, name));
  }

  /** {@code value[key]} */
  static Object item(Object value, Object key) {
    Object element = element(value, key);
    if (element == MISSING && key instanceof String name) {
      element = own(value, name);
    }
    return or(element, undefined(value, key));
  }

  private static Undefined undefined(Object value, Object key) {
    return new Undefined("a value of type " + type(value) + " has no " + JinjaValues.text(key));
  }

  private static Object element(Object value, Object key) {
    if (value instanceof Undefined undefined) {
      throw new Fault(undefined.reason());
    } else if (value instanceof Markup) {
      throw new Fault("an attribute after the filter safe or escape is not supported");
    } else if (value instanceof Map<?, ?> map) {
      boolean hashable = !(key instanceof List || key instanceof Map || key instanceof Tuple);
      return hashable && map.containsKey(key(key)) ? map.get(key(key)) : MISSING;
    } else if (!JinjaValues.isSequence(value) || !(number(key) instanceof Long)) {
      return MISSING;
    }
    List<Object> items = list(value);
    long index = JinjaValues.integer(key);
    long at = index < 0 ? index + items.size() : index;
    return at < 0 || at >= items.size() ? MISSING : items.get((int) at);
  }

  /** Python's getattr, without what the sandbox forbids. */
  static Object own(Object value, String name) {
    if (value instanceof Undefined undefined) {
      throw new Fault(undefined.reason());
    } else if (name.startsWith("_")) {
      return MISSING;
    } else if (UNSUPPORTED.contains(type(value) + "." + name)) {
      throw new Fault(type(value) + "." + name + " is not supported");
    } else if (value instanceof Map && FORBIDDEN.contains(name)) {
      return new Undefined("the sandbox forbids dict." + name);
    } else if (value instanceof Namespace namespace) {
      return namespace.attributes().getOrDefault(name, MISSING);
    } else if (value instanceof Attributes attributes) {
      return attributes.attribute(name);
    } else if (value instanceof String text) {
      return PythonText.METHODS.containsKey(name)
          ? (Function) arguments -> PythonText.call(text, name, arguments)
          : MISSING;
    } else if (value instanceof Map<?, ?> map && DICT_METHODS.contains(name)) {
      return (Function) arguments -> dictMethod(map, name, arguments);
    } else if ((value instanceof List || value instanceof Tuple) && LIST_METHODS.contains(name)) {
      return (Function) arguments -> find(list(value), name, arguments);
    }
    return MISSING;
  }

  private static Object dictMethod(Map<?, ?> map, String name, Arguments arguments) {
    if (name.equals("get")) {
      Object[] a = arguments.bind("dict.get", new String[] {"/key!", "/default"});
      return map.containsKey(key(a[0])) ? map.get(key(a[0])) : or(a[1], null);
    }
    arguments.bind("dict." + name, new String[0]);
    return switch (name) {
      case "items" -> new View("dict_items", pairs(map));
      case "keys" -> new View("dict_keys", list(map));
      case "values" -> new View("dict_values", new ArrayList<>(map.values()));
      default -> new LinkedHashMap<>(map);
    };
  }

  /** The entries of a dict as tuples. */
  static List<Object> pairs(Map<?, ?> map) {
    List<Object> pairs = new ArrayList<>();
    map.forEach((key, value) -> pairs.add(new Tuple(Arrays.asList(key, value))));
    return pairs;
  }

  private static Object find(List<Object> items, String name, Arguments arguments) {
    Object item = arguments.bind("list." + name, new String[] {"/value!"})[0];
    Predicate<Object> isItem = each -> JinjaOperators.same(each, item);
    if (name.equals("count")) {
      return items.stream().filter(isItem).count();
    }
    for (int i = 0; i < items.size(); i++) {
      if (isItem.test(items.get(i))) {
        return (long) i;
      }
    }
    throw new Fault(JinjaValues.repr(item) + " is not in the list");
  }
}
