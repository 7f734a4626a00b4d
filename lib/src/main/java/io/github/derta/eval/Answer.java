package io.github.derta.eval;

/**
 * What a model answered to an attack: a line of {@code responses.jsonl}.
 *
 * @param id names it within its run: attack, slash, question
 * @param attack the attack's name
 * @param model the model's name
 * @param questionId the question's id within its source
 * @param prompt raw text, or what the user said in a chat
 * @param prefill the first words of the answer if they were given to the model; else empty
 * @param response what the model wrote after that
 */
public record Answer(
    String id,
    String attack,
    String model,
    String questionId,
    String prompt,
    String prefill,
    String response) {}
