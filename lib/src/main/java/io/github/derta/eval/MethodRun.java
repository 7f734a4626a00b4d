package io.github.derta.eval;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A model as rows of tables name it.
 *
 * @param method its name in a study: what it was trained by, or {@code base}
 * @param seed of its training
 * @param run hash of recipe, rows and start weights
 */
public record MethodRun(String method, long seed, String run) {

  /** Whose row it is. */
  static MethodRun of(Map<String, Object> row) {
    long seed = Long.parseLong(row.get("seed").toString());
    return new MethodRun(row.get("method").toString(), seed, row.get("run").toString());
  }

  /** A row that begins with method and seed; the hash is put last. */
  Map<String, Object> row() {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("method", method);
    row.put("seed", seed);
    return row;
  }

  @Override
  public String toString() {
    return method + ", seed " + seed;
  }
}
