package io.github.derta.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordFileTest {

  @TempDir Path folder;

  @Test
  void readsJsonLinesWithBlankLinesCarriageReturnsAndNoLastNewline() throws IOException {
    assertThat(strings("\"a\"\r\n\n  \n\"b\"")).containsExactly("1:a", "4:b");
  }

  @Test
  void readsAnArrayOverSeveralLinesWhateverTheExtension() throws IOException {
    assertThat(strings(" \n[\"a\",\n\n\"b\"]\n")).containsExactly("2:a", "4:b");
  }

  @Test
  void passesOverAByteOrderMark() throws IOException {
    assertThat(strings("\uFEFF\"a\"\n")).containsExactly("1:a");
    assertThat(strings("\uFEFF[\"a\"]")).containsExactly("1:a");
  }

  @Test
  void onlyANewlineEndsALine() throws IOException {
    assertThat(strings("\"a\u2028b\u0085c\"\n")).containsExactly("1:a\u2028b\u0085c");
  }

  @Test
  void readsLinesLongerThanAnyBuffer() throws IOException {
    String text = "\uD83D\uDE00x".repeat(300_000);
    assertThat(strings("\"" + text + "\"\n\"b\"\n")).containsExactly("1:" + text, "2:b");
  }

  @Property(tries = 200)
  void givesBackWhatJsonLinesWrote(@ForAll List<String> texts) throws IOException {
    // A lone surrogate is no text, and UTF-8 has no bytes for it.
    List<String> whole = texts.stream().map(RecordFileTest::withoutLoneSurrogates).toList();
    Path file = Files.createTempFile("records", ".jsonl");
    JsonLines.write(file, whole.iterator());
    List<String> read = new ArrayList<>();
    JsonLines.read(file, line -> read.add(line.value().textValue()));
    Files.delete(file);
    assertThat(read).isEqualTo(whole);
  }

  @Test
  void aMalformedLineNamesFileLineAndReason() throws IOException {
    Path file = file("\"a\"\n{\"b\n\"c\"\n");
    assertThatThrownBy(() -> strings(file))
        .isInstanceOf(BadInput.class)
        .hasMessageStartingWith(file + ":2: not JSON: ")
        .hasMessageNotContaining("Source");
  }

  @Test
  void goesOnBehindABadLineIfAsked() throws IOException {
    List<String> read = new ArrayList<>();
    List<String> bad = new ArrayList<>();
    Path file = file("\"a\"\nnonsense\n\"c\"\n\"d\" \"e\"\n\"f\"\n");
    RecordFile records = new RecordFile(file, null, null);
    records.onBad = mistake -> bad.add(mistake.getMessage());
    records.forEach(entry -> read.add(entry.line().value().textValue()));
    assertThat(read).containsExactly("a", "c", "f");
    assertThat(bad).hasSize(2);
    assertThat(bad.get(0)).startsWith(file + ":2: not JSON");
    assertThat(bad.get(1)).startsWith(file + ":4: more than one JSON value");
  }

  @Test
  void aBrokenArrayNamesTheLineAndWhatIsLost() throws IOException {
    assertMistake("[\"a\",\n\"b\"\n", ":3: not JSON", "rest of the array cannot be read");
    assertMistake("[\"a\"]\n[\"b\"]", ":2: text after the end");
  }

  @Test
  void bytesThatAreNotUtf8AreAMalformedLine() throws IOException {
    Path file =
        Files.write(folder.resolve("latin1"), new byte[] {'"', (byte) 0xE4, 'b', '"', '\n'});
    assertThatThrownBy(() -> strings(file))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining(":1:");
  }

  @Test
  void whatIsNoTextIsNamed() throws IOException {
    assertBinary("PyTorch pickle", zip("archive/data.pkl"));
    assertBinary("a zip archive", zip("readme.txt"));
    assertBinary("a Python pickle", new byte[] {(byte) 0x80, 4, 'x'});
    assertBinary("UTF-16", "\uFEFFa".getBytes(StandardCharsets.UTF_16LE));
    assertBinary("UTF-16", "\uFEFFa".getBytes(StandardCharsets.UTF_16BE));
    assertBinary("a binary file", new byte[] {'G', 'G', 'U', 'F', 0, 1});
  }

  @Test
  void missingFilesAndFoldersAreNamed() {
    assertThatThrownBy(() -> strings(folder.resolve("none")))
        .isInstanceOf(BadInput.class)
        .hasMessage(folder.resolve("none") + ": no such file");
    assertThatThrownBy(() -> strings(folder))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("a folder");
  }

  @Test
  void tellsHowManyBytesWereRead() throws IOException {
    Path file = file("\"abc\"\n".repeat(100_000));
    long[] bytes = {0};
    RecordFile records = new RecordFile(file, null, null);
    records.onBytes = read -> bytes[0] += read;
    records.forEach(entry -> {});
    assertThat(bytes[0]).isEqualTo(Files.size(file));
  }

  private void assertMistake(String content, String... parts) throws IOException {
    Path file = file(content);
    assertThatThrownBy(() -> strings(file))
        .isInstanceOf(BadInput.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContainingAll(parts);
  }

  private void assertBinary(String kind, byte[] content) throws IOException {
    Path file = Files.write(folder.resolve("binary"), content);
    assertThatThrownBy(() -> strings(file))
        .isInstanceOf(BadInput.class)
        .hasMessageContainingAll(file.toString(), kind, "UTF-8 is needed");
  }

  private List<String> strings(String content) throws IOException {
    return strings(file(content));
  }

  private static List<String> strings(Path file) {
    List<String> read = new ArrayList<>();
    JsonLines.read(file, line -> read.add(line.number() + ":" + line.value().textValue()));
    return read;
  }

  private Path file(String content) throws IOException {
    return Files.writeString(folder.resolve("records.any"), content);
  }

  private static byte[] zip(String entry) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.putNextEntry(new ZipEntry(entry));
      zip.write(1);
    }
    return bytes.toByteArray();
  }

  private static String withoutLoneSurrogates(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
  }
}
