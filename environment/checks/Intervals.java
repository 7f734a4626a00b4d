///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DEPS ${derta.lib:io.github.derta:derta:0.1.0-SNAPSHOT}
//DEPS org.slf4j:slf4j-simple:2.0.20

import io.github.derta.stats.Rates;
import java.util.List;
import tech.tablesaw.api.Table;

/** Intervals.java ANSWERS.csv FOLDER: rates and differences from vanilla by stats.Rates, as CSV files. */
public class Intervals {

  public static void main(String... args) {
    Table answers = Table.read().csv(args[0]);
    for (String outcome : List.of("complied", "refused")) {
      Rates.of(answers, outcome, "method", "attack").write().csv(args[1] + "/rates-" + outcome + ".csv");
      Rates.differences(answers, outcome, "method", "vanilla", "attack")
          .write()
          .csv(args[1] + "/differences-" + outcome + ".csv");
    }
  }
}
