/**
 * Text and tokens: tokenizers, chat templates, refusal phrases, redaction.
 *
 * <p>In: strings. Out: token ids, prompts as a model expects them, places of refusals in a text.
 * Begin with {@link io.github.derta.text.Tokenizer}.
 */
package io.github.derta.text;
