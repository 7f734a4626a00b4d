package io.github.derta.train;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.cfg.MutableCoercionConfig;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.github.derta.io.BadInput;
import io.github.derta.io.Resources;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Recipes as YAML: strict in reading, plain in writing. */
final class RecipeYaml {

  /** Rates as one writes them: 2e-5 for 2.0E-5, 1 for 1.0. */
  private static final class PlainNumber extends JsonSerializer<Double> {
    @Override
    public void serialize(Double value, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      String text = Double.toString(value).toLowerCase(Locale.ROOT);
      if (value != 0 && Math.abs(value) < 0.01 && !text.contains("e")) {
        text = String.format(Locale.ROOT, "%e", value).replaceFirst("0*e-0*", "e-");
      }
      out.writeNumber(text.replaceFirst("\\.0*(?=e|$)", ""));
    }
  }

  private static final PropertyNamingStrategies.NamingBase KEBAB =
      new PropertyNamingStrategies.KebabCaseStrategy();

  private static final Set<String> OPTIONAL =
      Set.of(
          "validation",
          "helpful-rows",
          "safety-rows",
          "checkpointing",
          "lora",
          "dpo",
          "format",
          "rows");

  /** What is text as it stands, unless it is quoted: a path may hold " #" or be a number. */
  private static final Set<String> TEXTS =
      Set.of("name", "source", "model", "network.type", "data", "validation", "refusal", "dtype");

  private static final ObjectMapper YAML =
      YAMLMapper.builder()
          .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
          .disable(YAMLGenerator.Feature.SPLIT_LINES)
          .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
          .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.READ_ENUMS_USING_TO_STRING)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .enable(SerializationFeature.WRITE_ENUMS_USING_TO_STRING)
          .propertyNamingStrategy(KEBAB)
          .withCoercionConfig(LogicalType.Textual, RecipeYaml::refuseOthers)
          .addModule(
              new SimpleModule()
                  .addSerializer(Double.class, new PlainNumber())
                  .addSerializer(double.class, new PlainNumber()))
          .build();

  /** For readers: what is not set is not written. */
  private static final ObjectMapper SHORT =
      YAML.copy().setDefaultPropertyInclusion(JsonInclude.Include.NON_NULL);

  private RecipeYaml() {}

  /** A folder 0123 is not a folder 83. */
  private static void refuseOthers(MutableCoercionConfig text) {
    text.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
        .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
        .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail);
  }

  static Recipe load(String nameOrFile) {
    try {
      if (Recipe.BUILT_IN.contains(nameOrFile)) {
        String text = Resources.text(RecipeYaml.class, nameOrFile + ".yaml");
        return read("recipe " + nameOrFile, YAML.readTree(text));
      }
      Path file = Path.of(nameOrFile);
      if (!Files.isRegularFile(file)) {
        String names = String.join(", ", Recipe.BUILT_IN);
        throw new BadInput("recipe \"" + nameOrFile + "\": no such file; built in are " + names);
      }
      return read(nameOrFile, YAML.readTree(Files.readString(file)));
    } catch (JsonProcessingException e) {
      throw BadInput.notYaml(nameOrFile, e);
    } catch (IOException e) {
      throw new BadInput(nameOrFile + ": cannot be read (" + e.getMessage() + ")", e);
    }
  }

  static Recipe with(Recipe recipe, List<String> settings) {
    ObjectNode tree = YAML.valueToTree(recipe);
    for (String setting : settings) {
      int equals = setting.indexOf('=');
      if (equals < 1) {
        throw new BadInput("\"" + setting + "\": key=value is needed, such as epochs=2");
      }
      try {
        set(tree, setting.substring(0, equals), setting.substring(equals + 1));
      } catch (JsonProcessingException e) {
        throw new BadInput("\"" + setting + "\": the value is not YAML", e);
      }
    }
    return read("recipe " + recipe.name(), tree);
  }

  private static void set(ObjectNode tree, String key, String value)
      throws JsonProcessingException {
    List<String> found = keys(tree, "");
    List<String> matches =
        found.contains(key)
            ? List.of(key)
            : found.stream().filter(full -> full.endsWith("." + key)).toList();
    if (matches.size() != 1) {
      throw new BadInput(
          "\"" + key + "\" is no key of the recipe; its keys are " + String.join(", ", found));
    }
    String full = matches.get(0);
    int dot = full.indexOf('.');
    ObjectNode parent = dot < 0 ? tree : (ObjectNode) tree.get(full.substring(0, dot));
    String name = full.substring(dot + 1);
    boolean plain = TEXTS.contains(full) && !value.equals("null") && !value.matches("['\"].*");
    parent.set(name, plain ? TextNode.valueOf(value) : YAML.readTree(value));
  }

  private static List<String> keys(JsonNode tree, String prefix) {
    List<String> keys = new ArrayList<>();
    tree.properties()
        .forEach(
            entry -> {
              keys.add(prefix + entry.getKey());
              keys.addAll(keys(entry.getValue(), prefix + entry.getKey() + "."));
            });
    return keys;
  }

  private static Recipe read(String where, JsonNode tree) {
    checkKeys(where, tree, Recipe.class, "");
    try {
      return YAML.treeToValue(tree, Recipe.class);
    } catch (ValueInstantiationException e) {
      throw new BadInput(where + ": " + e.getCause().getMessage(), e);
    } catch (MismatchedInputException e) {
      throw new BadInput("%s: %s: %s".formatted(where, path(e), needed(e)), e);
    } catch (JsonProcessingException e) {
      throw new BadInput(where + ": " + e.getOriginalMessage(), e);
    }
  }

  /** Jackson would name a key that is missing before one that is misspelt. */
  private static void checkKeys(String where, JsonNode tree, Class<?> type, String prefix) {
    Map<String, Class<?>> known = new LinkedHashMap<>();
    for (RecordComponent part : type.getRecordComponents()) {
      known.put(KEBAB.translate(part.getName()), part.getType());
    }
    tree.fieldNames()
        .forEachRemaining(
            key -> {
              if (!known.containsKey(key)) {
                String names = String.join(", ", known.keySet());
                throw new BadInput(
                    "%s: unknown key \"%s%s\"; known are %s".formatted(where, prefix, key, names));
              }
            });
    known.forEach(
        (key, part) -> {
          if (!tree.hasNonNull(key) && !OPTIONAL.contains(key)) {
            throw new BadInput("%s: key \"%s%s\" is missing".formatted(where, prefix, key));
          }
          if (part.isRecord() && tree.path(key).isObject()) {
            checkKeys(where, tree.get(key), part, prefix + key + ".");
          }
        });
  }

  private static String path(JsonMappingException e) {
    return e.getPath().stream()
        .map(part -> part.getFieldName() == null ? "" + part.getIndex() : part.getFieldName())
        .collect(Collectors.joining("."));
  }

  private static String needed(MismatchedInputException e) {
    Class<?> type = e.getTargetType();
    if (type != null && type.isEnum()) {
      return "one of "
          + List.of(type.getEnumConstants()).stream()
              .map(Object::toString)
              .collect(Collectors.joining(", "))
          + " is needed";
    }
    if (type == int.class || type == Integer.class || type == long.class) {
      return "a whole number is needed";
    }
    if (type == String.class) {
      return "a text is needed, in quotes if it looks like a number";
    }
    if (type == double.class || type == Double.class) {
      return "a number is needed, such as 2e-5";
    }
    return e.getOriginalMessage();
  }

  /** What decides the outcome: not how it is called or how often it is saved. */
  static String deciding(Recipe recipe) {
    ObjectNode tree = SHORT.valueToTree(recipe); // a field that is unset changes nothing
    tree.remove(List.of("name", "source", "model", "network", "data", "validation"));
    tree.remove(List.of("checkpoint-every", "keep"));
    if (!Boolean.TRUE.equals(recipe.checkpointing())) {
      tree.remove("checkpointing"); // said or not
    }
    boolean file = !recipe.data().equals(TrainingData.KITCHEN);
    if (file && recipe.dpo() == null) {
      tree.remove("method"); // whatever it is called, the rows decide
    }
    if (!file || recipe.rows() == null) {
      tree.remove("rows");
    }
    return write(tree);
  }

  static String write(Object recipe) {
    try {
      return SHORT.writeValueAsString(recipe);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
