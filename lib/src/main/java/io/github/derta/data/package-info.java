/**
 * From question/answer pairs to the paper's training rows and their token labels.
 *
 * <p>In: files of pairs and triples. Out: rows {prefix, text, safe}, token ids with labels,
 * batches, a folder for other trainers. Begin with {@link io.github.derta.data.Mix}.
 */
package io.github.derta.data;
