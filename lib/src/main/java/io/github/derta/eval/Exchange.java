package io.github.derta.eval;

import io.github.derta.attack.Question;

/**
 * What was asked and answered, to be judged.
 *
 * @param id the answer's
 * @param question what was asked; as a record tells it, which may be within an attack
 * @param response what the model wrote
 */
public record Exchange(String id, Question question, String response) {}
