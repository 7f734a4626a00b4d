package io.github.derta.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import io.github.derta.text.ChatTemplate.Message;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Our own model behind its endpoint, asked by our own client and by plain HTTP. */
class ModelServerTest {

  private static final Decoding GREEDY = Decoding.greedy(12);

  @TempDir static Path folder;
  private static LocalModel model;
  private static ModelServer server;
  private static EndpointModel client;

  @BeforeAll
  static void serve() throws IOException {
    model = TinyChat.in(folder, true);
    server = ModelServer.start(model, 0);
    client = EndpointModel.of(Endpoint.of(server.url() + "/", "tiny"));
  }

  @AfterAll
  static void close() {
    server.close();
    model.close();
  }

  @Test
  void chatRawAndPrefilledPromptsAreAnsweredAsByTheModelItself() {
    List<Prompt> prompts =
        List.of(
            Prompt.chat("How do I boil an egg?"),
            Prompt.raw("An egg is"),
            Prompt.chat("How do I boil an egg?").prefilled("First, you"),
            Prompt.raw("An egg").prefilled(" is round"));

    List<Completion> here = model.complete(prompts, GREEDY);
    List<Completion> there = client.complete(prompts, GREEDY);

    for (int i = 0; i < prompts.size(); i++) {
      assertThat(there.get(i).text()).isEqualTo(here.get(i).text());
      assertThat(there.get(i).end()).isEqualTo(here.get(i).end());
      assertThat(there.get(i).ids()).isEmpty();
    }
    assertThat(here.stream().map(Completion::text).distinct()).hasSize(4);
  }

  @Test
  void aStopTextReachesTheServer() {
    String text = model.complete(List.of(Prompt.chat("a")), GREEDY).get(0).text();
    String stop = text.substring(2, 4);
    Decoding stopping = new Decoding(12, 0, 1, 0, List.of(stop));

    Completion stopped = client.complete(List.of(Prompt.chat("a")), stopping).get(0);

    assertThat(stopped.text()).isEqualTo(text.substring(0, text.indexOf(stop)));
    assertThat(stopped.end()).isEqualTo(Completion.End.STOP);
  }

  @Test
  void drawsFollowTheSeedAndWithoutOneDiffer() throws Exception {
    List<Prompt> two = List.of(Prompt.chat("Name a colour."), Prompt.chat("Name a colour."));
    List<Completion> one = client.complete(two, Decoding.sampling(12, 1, 5));
    List<Completion> again = client.complete(two, Decoding.sampling(12, 1, 5));

    assertThat(again.get(0).text()).isEqualTo(one.get(0).text());
    assertThat(again.get(1).text()).isEqualTo(one.get(1).text()).isNotEqualTo(one.get(0).text());
    String unseeded = "{'prompt': 'a', 'max_tokens': 12}";
    assertThat(text(post("completions", unseeded)))
        .isNotEqualTo(text(post("completions", unseeded)));
  }

  @Test
  void aConversationGoesThroughTheChatTemplate() throws Exception {
    HttpResponse<String> response =
        post(
            "chat/completions",
            """
            {'model': 'tiny', 'temperature': 0, 'max_completion_tokens': 12, 'stop': null, 'n': 1,
             'stream': false, 'frequency_penalty': 0.0, 'logit_bias': {}, 'user': 'me', 'messages': [
              {'role': 'system', 'content': 'Be kind.'}, {'role': 'user', 'content': 'Hi'},
              {'role': 'assistant', 'content': 'Hello'}, {'role': 'user', 'content': 'Bye'}]}""");
    int[] prompt =
        model.encode(
            List.of(
                new Message("system", "Be kind."),
                Message.user("Hi"),
                new Message("assistant", "Hello"),
                Message.user("Bye")),
            "");
    Completion expected = model.completeIds(List.of(prompt), GREEDY).get(0);

    assertThat(response.statusCode()).isEqualTo(200);
    JsonNode json = JsonLines.MAPPER.readTree(response.body());
    assertThat(json.at("/choices/0/message/content").textValue()).isEqualTo(expected.text());
    assertThat(json.at("/usage/prompt_tokens").intValue()).isEqualTo(prompt.length);
    assertThat(json.at("/usage/completion_tokens").intValue()).isEqualTo(expected.ids().length);
  }

  @Test
  void theModelIsListed() throws Exception {
    HttpRequest list = HttpRequest.newBuilder(URI.create(server.url() + "/models")).build();
    String body =
        HttpClient.newHttpClient().send(list, HttpResponse.BodyHandlers.ofString()).body();
    assertThat(JsonLines.MAPPER.readTree(body).at("/data/0/id").textValue()).isEqualTo("tiny");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          chat/completions | {'messages': [], 'stream': true} | 400 | "stream": true is not supported
          chat/completions | {'messages': [], 'tools': [{}]} | 400 | "tools": [{}] is not supported
          chat/completions | {'messages': [], 'n': 2} | 400 | "n": 2 is not supported
          chat/completions | {'messages': []} | 400 | at least one message
          chat/completions | {'messages': [{'role': 'tool', 'content': ''}]} | 400 | supported are system, user, assistant
          chat/completions | {'messages': [{'role': 'user', 'content': [{'type': 'text'}]}]} | 400 | content
          chat/completions | {'messages': [{'role': 'user'}]} | 400 | content
          chat/completions | {'messages': [{'role': 'user', 'content': 'a'}], 'continue_final_message': true} | 400 | continue_final_message
          chat/completions | {'messages': [{'role': 'user', 'content': 'a'}], 'add_generation_prompt': false} | 400 | add_generation_prompt
          chat/completions | {'prompt': 'a'} | 400 | "messages"
          completions | {'prompt': ['a', 'b']} | 400 | prompt
          completions | {'prompt': 'a', 'temperature': -1} | 400 | temperature is -1.0, must be 0 (greedy) or from
          completions | {'prompt': 'a', 'max_tokens': 'many'} | 400 | many
          completions | {'prompt': 'a', 'model': 'gpt-4'} | 404 | no model "gpt-4" here, only tiny
          completions | {'prompt': | 400 | the body is not as needed
          completions | [] | 400 | "prompt"
          embeddings | {} | 404 | POST /v1/embeddings
          """)
  void whatIsNotSupportedIsRefusedWithAReason(String path, String body, int status, String reason)
      throws Exception {
    HttpResponse<String> response = post(path, body);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(JsonLines.MAPPER.readTree(response.body()).at("/error/message").textValue())
        .contains(reason);
  }

  @Test
  void requestsTogetherAreAnsweredAsAloneEvenIfOneDoesNotFit() {
    List<Prompt> prompts = new ArrayList<>();
    IntStream.range(0, 20).forEach(i -> prompts.add(Prompt.chat("question " + i)));
    prompts.set(7, Prompt.raw("x ".repeat(TinyChat.CONTEXT)));
    String[] texts = new String[20];

    assertThatThrownBy(
            () -> client.complete(prompts, GREEDY, (i, answer) -> texts[i] = answer.text()))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("19 of 20 prompts answered; prompt 8: status 400")
        .hasMessageContaining("leave no room in the model's context of 256");

    for (int i = 0; i < 20; i++) {
      String alone = i == 7 ? null : model.complete(List.of(prompts.get(i)), GREEDY).get(0).text();
      assertThat(texts[i]).isEqualTo(alone);
    }
  }

  @Test
  void aTakenPortIsNamed() {
    int port = URI.create(server.url()).getPort();
    assertThatThrownBy(() -> ModelServer.start(model, port))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("port " + port + " of 127.0.0.1");
  }

  @Test
  void closingEndsWhatIsUnderWay() throws Exception {
    ModelServer other = ModelServer.start(model, 0);
    String endless = "{'prompt': 'a', 'max_tokens': 250, 'temperature': 0}";
    List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      answers.add(
          HttpClient.newHttpClient()
              .sendAsync(
                  request(other.url() + "/completions", endless),
                  HttpResponse.BodyHandlers.ofString()));
    }
    other.close();
    for (CompletableFuture<HttpResponse<String>> answer : answers) {
      assertThat(answer.orTimeout(20, TimeUnit.SECONDS).handle((a, e) -> a))
          .succeedsWithin(Duration.ofSeconds(20));
    }
  }

  private static String text(HttpResponse<String> response) throws IOException {
    return JsonLines.MAPPER.readTree(response.body()).at("/choices/0/text").textValue();
  }

  private static HttpResponse<String> post(String path, String body) throws Exception {
    return HttpClient.newHttpClient()
        .send(request(server.url() + "/" + path, body), HttpResponse.BodyHandlers.ofString());
  }

  private static HttpRequest request(String url, String body) {
    return HttpRequest.newBuilder(URI.create(url))
        .POST(HttpRequest.BodyPublishers.ofString(body.replace('\'', '"')))
        .build();
  }
}
