package io.github.derta.model;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.containing;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.equalToJson;
import static com.github.tomakehurst.wiremock.client.WireMock.matchingJsonPath;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import com.github.tomakehurst.wiremock.http.Fault;
import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import com.github.tomakehurst.wiremock.stubbing.Scenario;
import io.github.derta.Faults;
import io.github.derta.io.BadInput;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A server that fails in every way that servers do. */
class EndpointModelTest {

  private static final String KEY = "sk-not-to-be-seen-0123456789";
  private static final Prompt EGG = Prompt.chat("Egg?");
  private static final Decoding GREEDY = Decoding.greedy(9);
  private static final ResponseDefinitionBuilder FINE =
      okJson(
          "{\"choices\":[{\"message\":{\"content\":\"Boil it.\"},\"text\":\"Boil it.\","
              + "\"finish_reason\":\"length\"}]}");

  @RegisterExtension
  private final WireMockExtension server =
      WireMockExtension.newInstance()
          .options(WireMockConfiguration.options().dynamicPort().bindAddress("127.0.0.1"))
          .build();

  private final Map<Integer, String> answers = new TreeMap<>();

  @Test
  void aChatIsSentAsVllmTakesIt() {
    answerAll(FINE);
    Completion answer = ask(EGG.prefilled("Sure,"));

    assertThat(answer.text()).isEqualTo("Boil it.");
    assertThat(answer.end()).isEqualTo(Completion.End.LENGTH);
    server.verify(
        postRequestedFor(urlEqualTo("/v1/chat/completions"))
            .withHeader("Authorization", equalTo("Bearer " + KEY))
            .withRequestBody(
                equalToJson(
                    """
                    {"model": "m", "max_tokens": 9, "temperature": 0.0,
                     "messages": [{"role": "user", "content": "Egg?"},
                                  {"role": "assistant", "content": "Sure,"}],
                     "continue_final_message": true, "add_generation_prompt": false}""")));
  }

  @Test
  void rawTextAndAllSettingsAreSent() {
    answerAll(FINE);
    model(1, 10, 20)
        .complete(List.of(Prompt.raw("An egg")), new Decoding(9, 0.5, 0.9, 7, List.of("\n")));

    server.verify(
        postRequestedFor(urlEqualTo("/v1/completions"))
            .withRequestBody(
                equalToJson(
                    """
                    {"model": "m", "max_tokens": 9, "temperature": 0.5, "top_p": 0.9,
                     "seed": "${json-unit.any-number}", "stop": ["\\n"], "prompt": "An egg"}""")));
  }

  @Test
  void anyTextIsSentAsItIs() {
    answerAll(FINE);
    String odd = "\"\u0000\n \u00e9 \ud83e\udd5a, half: \ud83e";
    ask(Prompt.raw(odd));
    server.verify(
        postRequestedFor(anyUrl()).withRequestBody(matchingJsonPath("$.prompt", equalTo(odd))));
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 429, 500, 502, 503})
  void whatPassesIsTriedAgain(int status) {
    inTurn(aResponse().withStatus(status), aResponse().withStatus(status), FINE);
    assertThat(ask(EGG).text()).isEqualTo("Boil it.");
    server.verify(3, postRequestedFor(anyUrl()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "<html>Bad gateway</html>",
        "{\"choices\":[{\"message\":{\"content\":\"Boi",
        "{\"error\":{\"message\":\"overloaded\"}}",
        "{\"error\":{\"code\":502}}"
      })
  void aReplyThatMayBeBetterNextTimeIsAskedForAgain(String body) {
    answerAll(okJson(body));
    assertThat(failure(1, 10, EGG))
        .contains("0 of 1 prompts answered; prompt 1: ")
        .containsAnyOf("not JSON: ", "no answer in choices: ")
        .endsWith(body.isEmpty() ? "(empty)" : body);
    server.verify(EndpointModel.TRIES, postRequestedFor(anyUrl()));

    server.resetAll();
    inTurn(okJson(body), FINE);
    assertThat(ask(EGG).text()).isEqualTo("Boil it.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"choices\":[]}",
        "{\"error\":{\"message\":\"no such model\"}}",
        "{\"choices\":[{\"message\":{\"content\":null,\"tool_calls\":[{}]},\"finish_reason\":\"tool_calls\"}]}",
        "7"
      })
  void aReplyThatWillBeTheSameIsNotPaidForTwice(String body) {
    answerAll(okJson(body));
    assertThat(failure(1, 10, EGG)).endsWith(body);
    server.verify(1, postRequestedFor(anyUrl()));
  }

  /** What a server may send, and the text and end that it means. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{'message':{'content':'Boil'},'finish_reason':'stop'} | Boil | STOP",
        "{'message':{'content':''},'finish_reason':'stop'} | ~~ | STOP",
        "{'message':{'content':null},'finish_reason':'stop'} | ~~ | STOP",
        "{'message':{'content':''},'finish_reason':'length'} | ~~ | LENGTH",
        "{'message':{'content':'Boil'},'finish_reason':null} | Boil | STOP",
        "{'message':{'content':'Boil'}} | Boil | STOP",
        "{'message':{'content':null,'refusal':'I cannot.'},'finish_reason':'stop'} | I cannot. | STOP",
        "{'message':{'content':'Hm.','refusal':'I cannot.'},'finish_reason':'stop'} | Hm.⏎I cannot. | STOP",
        "{'message':{'content':'Boil','refusal':null},'finish_reason':'stop'} | Boil | STOP",
        "{'message':{'content':[{'type':'text','text':'Bo'},{'type':'text','text':'il'}]},'finish_reason':'stop'} | Boil | STOP",
        "{'message':{'content':[{'type':'refusal','refusal':'I cannot.'}]},'finish_reason':'stop'} | I cannot. | STOP",
        "{'message':{'content':[{'type':'thinking','thinking':'Egg'},{'type':'text','text':'Boil'}]},'finish_reason':'stop'} | <think>⏎Egg⏎</think>⏎⏎Boil | STOP",
        "{'message':{'content':'Boil','reasoning_content':'Egg'},'finish_reason':'stop'} | <think>⏎Egg⏎</think>⏎⏎Boil | STOP",
        "{'message':{'content':'Boil','reasoning':'Egg'},'finish_reason':'stop'} | <think>⏎Egg⏎</think>⏎⏎Boil | STOP",
        "{'message':{'content':null,'reasoning_content':'Egg'},'finish_reason':'length'} | <think>⏎Egg | LENGTH",
        "{'message':{'content':'Bo'},'finish_reason':'content_filter'} | Bo | FILTER",
        "{'message':{'content':null},'finish_reason':'content_filter'} | ~~ | FILTER",
        "{'text':'Boil','finish_reason':'eos'} | Boil | STOP"
      })
  void allFormsOfAnAnswerAreRead(String choice, String text, Completion.End end) {
    answerAll(okJson(("{'choices':[" + choice + "]}").replace('\'', '"')));
    Completion answer = ask(EGG);
    assertThat(answer.text()).isEqualTo(text.replace('⏎', '\n'));
    assertThat(answer.end()).isEqualTo(end);
    server.verify(1, postRequestedFor(anyUrl()));
  }

  @Test
  void anEventStreamIsReadToItsEnd() {
    String first =
        "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"Bo\"}}]}\n\n";
    String last =
        ": comment\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"il\"},\"finish_reason\":\"length\"}]}\n\n"
            + "data: {\"choices\":[],\"usage\":{\"completion_tokens\":9}}\n\ndata: [DONE]\n\n";
    inTurn(okJson(first), okJson(first + last));
    Completion answer = ask(EGG);
    assertThat(answer.text()).isEqualTo("Boil");
    assertThat(answer.end()).isEqualTo(Completion.End.LENGTH);
    server.verify(2, postRequestedFor(anyUrl())); // the first broke off
  }

  @Test
  void aPromptThatTheServersFilterRefusesIsAnAnswerWithoutText() {
    String body = "{\"error\":{\"code\":\"content_filter\",\"message\":\"policy\"}}";
    answerAll(aResponse().withStatus(400).withBody(body));
    assertThat(ask(EGG).text()).isEmpty();
    assertThat(ask(EGG).end()).isEqualTo(Completion.End.FILTER);
  }

  @Test
  void aFileDescribesAServerWithItsOwnWays(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("azure.yaml");
    Files.writeString(
        file,
        """
        url: %s/deployments/m/chat/completions?api-version=2025-01-01
        model: m
        token-limit: max_completion_tokens
        temperature: false
        prefill: prefix
        headers: {api-key: $HOME}
        body: {reasoning_effort: low}
        """
            .formatted(server.baseUrl()));
    answerAll(
        okJson(
            "{\"choices\":[{\"message\":{\"content\":\"Sure, boil\"},\"finish_reason\":\"stop\"}]}"));
    Endpoint endpoint = Endpoint.parse(file.toString());
    EndpointModel model = new EndpointModel(endpoint, null, ms(1));

    assertThat(model.complete(List.of(EGG.prefilled("Sure,")), GREEDY).get(0).text())
        .isEqualTo(" boil");
    server.verify(
        postRequestedFor(urlEqualTo("/deployments/m/chat/completions?api-version=2025-01-01"))
            .withHeader("api-key", equalTo(System.getenv("HOME")))
            .withRequestBody(
                equalToJson(
                    """
                    {"model": "m", "max_completion_tokens": 9, "reasoning_effort": "low",
                     "messages": [{"role": "user", "content": "Egg?"},
                                  {"role": "assistant", "content": "Sure,", "prefix": true}]}""")));
    assertThat(endpoint.where())
        .endsWith("?api-version=2025-01-01 {\"reasoning_effort\":\"low\",\"temperature\":null}");
    Files.writeString(file, "url: http://h/v1\nmodel: m\nprefil: plain\n");
    assertThatThrownBy(() -> Endpoint.parse(file.toString()))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("azure.yaml: no endpoint (Unrecognized field \"prefil\"");
  }

  @Test
  void aServerThatContinuesPassesTheProbeAndAnotherIsToldWhatToSet() {
    answerAll(chat("1, 2, 3, 4, 5"));
    assertThatThrownBy(() -> model(1, 10, 20).requirePrefill())
        .isInstanceOf(BadInput.class)
        .hasMessageContaining(
            "does not continue an answer that has begun: behind \"1, 2, 3,\" came 1, 2, 3, 4, 5;")
        .hasMessageContaining("or leave out attacks");
    server.stubFor(
        post(anyUrl()).withRequestBody(containing("\"prefix\":true")).willReturn(chat(" 4")));
    assertThatThrownBy(() -> model(1, 10, 20).requirePrefill())
        .hasMessageContaining("its file needs \"prefill: prefix\"");
    server.stubFor(
        post(anyUrl())
            .withRequestBody(containing("continue_final_message"))
            .willReturn(chat(" 4, 5")));
    model(1, 10, 20).requirePrefill();
  }

  @Test
  void aBeginningThatAServerGivesBackIsNoPartOfItsAnswer() {
    for (String begun : List.of("1, 2, 3,", "5, 6, 7,", "Sure,")) {
      String next = begun.startsWith("1") ? " 4," : begun.startsWith("5") ? " 8," : " boil";
      server.stubFor(
          post(anyUrl())
              .withRequestBody(containing("\"" + begun + "\""))
              .willReturn(chat(begun + next))); // as llama.cpp's does
    }
    EndpointModel model = model(1, 10, 20);
    model.requirePrefill();
    assertThat(model.complete(List.of(EGG.prefilled("Sure,")), GREEDY).get(0).text())
        .isEqualTo(" boil");
  }

  private static ResponseDefinitionBuilder chat(String content) {
    return okJson(
        "{\"choices\":[{\"message\":{\"content\":\""
            + content
            + "\"},\"finish_reason\":\"stop\"}]}");
  }

  @ParameterizedTest
  @CsvSource({
    "https://api.example.com/v1, proxy:3128",
    "http://api.example.com/v1, other:80",
    "https://in.house.example/v1, ",
    "https://localhost/v1, ",
    "http://127.0.0.1:8000/v1, "
  })
  void proxiesAreThoseOfTheEnvironment(URI address, String proxy) {
    Map<String, String> environment =
        Map.of(
            "HTTPS_PROXY",
            "http://proxy:3128",
            "http_proxy",
            "other",
            "NO_PROXY",
            "x, .house.example");
    Proxy chosen = EndpointCalls.proxies(environment).select(address).get(0);
    assertThat(
            chosen.address() == null
                ? null
                : chosen.address().toString().replaceAll("/<unresolved>", ""))
        .isEqualTo(proxy);
  }

  @ParameterizedTest
  @ValueSource(strings = {"CONNECTION_RESET_BY_PEER", "EMPTY_RESPONSE", "MALFORMED_RESPONSE_CHUNK"})
  void aBrokenConnectionIsTriedAgain(String fault) {
    inTurn(aResponse().withFault(Fault.valueOf(fault)), FINE);
    assertThat(ask(EGG).text()).isEqualTo("Boil it.");

    server.resetAll();
    answerAll(aResponse().withFault(Fault.valueOf(fault)));
    assertThat(failure(1, 10, EGG)).contains("cannot be reached, or broke off (");
  }

  @Test
  void aSlowBeginningAndASlowBodyTimeOut() {
    inTurn(FINE, FINE, FINE); // the first request of a client takes longest
    ask(EGG);
    for (ResponseDefinitionBuilder slow :
        List.of(
            aResponse().withFixedDelay(30_000),
            okJson("{\"choices\": []}").withChunkedDribbleDelay(5, 30_000))) {
      server.resetAll();
      answerAll(slow);
      long start = System.nanoTime();
      EndpointModel model = model(1, 10, 0.3);
      assertThatThrownBy(() -> model.complete(List.of(EGG), GREEDY))
          .isInstanceOf(BadInput.class)
          .hasMessageContaining("prompt 1: no answer within 0.3 s");
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
      server.verify(EndpointModel.TRIES, postRequestedFor(anyUrl()));
    }
  }

  @Test
  void aServerThatIsDownStopsTheRunWithoutAskingForEverything() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    EndpointModel model = model("http://127.0.0.1:" + port + "/v1", 2, 10_000, 20, KEY);
    assertThatThrownBy(() -> model.complete(questions(400), GREEDY))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("0 of 400 prompts answered")
        .hasMessageContaining("ConnectException");
  }

  @Test
  void retryAfterIsHonoured() {
    inTurn(aResponse().withStatus(429).withHeader("Retry-After", "1"), FINE);
    long start = System.nanoTime();
    ask(EGG);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(ms(990));

    server.resetAll();
    ZonedDateTime date = ZonedDateTime.now(ZoneOffset.UTC).plusSeconds(3).withNano(0);
    String when = DateTimeFormatter.RFC_1123_DATE_TIME.format(date);
    inTurn(aResponse().withStatus(503).withHeader("Retry-After", when), FINE);
    ask(EGG);
    assertThat(ZonedDateTime.now(ZoneOffset.UTC)).isAfterOrEqualTo(date);
  }

  @Test
  void aServerThatAsksToComeBackTomorrowStopsTheRun() {
    answerAll(aResponse().withStatus(429).withHeader("Retry-After", "86400").withBody("quota"));
    assertThat(failure(1, 10, EGG)).contains("status 429: quota, come back in 86400 s");
    server.verify(1, postRequestedFor(anyUrl()));
  }

  @Test
  void aStormOf429LosesNothingAndDoublesNothing() {
    ResponseDefinitionBuilder away = aResponse().withStatus(429).withHeader("Retry-After", "0");
    for (int i = 0; i < 30; i++) {
      inTurn("Question " + i + "?", away, away, FINE);
    }
    int[] times = new int[30];
    model(8, 1000, 20).complete(questions(30), GREEDY, (i, answer) -> times[i]++);
    long lost = IntStream.of(times).filter(n -> n == 0).count();
    long doubled = IntStream.of(times).filter(n -> n > 1).count();
    Faults.tell("an endpoint that answers 429", 60, "30 answers", lost, doubled);
    assertThat(times).containsOnly(1);
    server.verify(90, postRequestedFor(anyUrl()));
  }

  @Test
  void aRefusedPromptDoesNotHoldUpTheOthers() {
    answerAll(FINE);
    server.stubFor(
        post(anyUrl())
            .withRequestBody(containing("Question 3?"))
            .willReturn(
                aResponse().withStatus(400).withBody("{\"error\": {\"message\": \"too long\"}}")));
    assertThat(failure(4, 100, questions(40).toArray(Prompt[]::new)))
        .contains("39 of 40 prompts answered; prompt 4: status 400: ")
        .contains("too long");
    assertThat(answers).hasSize(39).doesNotContainKey(3);
    server.verify(40, postRequestedFor(anyUrl()));
  }

  @ParameterizedTest
  @ValueSource(ints = {302, 401, 403, 404, 405})
  void aWrongKeyModelOrAddressStopsTheRunAtOnce(int status) {
    answerAll(aResponse().withStatus(status).withHeader("Location", "http://127.0.0.1:1/"));
    assertThat(failure(2, 100, questions(40).toArray(Prompt[]::new)))
        .contains("0 of 40 prompts answered; prompt ")
        .contains("status " + status + ": ");
    assertThat(server.getAllServeEvents()).hasSizeLessThanOrEqualTo(3);
  }

  @Test
  void theMaximumOfRequestsLosesNothingAnsweredAndHoldsForTheRun() {
    answerAll(FINE);
    EndpointModel model = model(4, 10, 20);
    for (int call = 0; call < 2; call++) {
      assertThatThrownBy(
              () -> model.complete(questions(40), GREEDY, (i, a) -> answers.put(i, a.text())))
          .isInstanceOf(BadInput.class)
          .hasMessageContaining("the maximum of 10 requests is reached")
          .hasMessageContaining((call == 0 ? 10 : 0) + " of 40 prompts answered");
    }
    assertThat(answers).hasSize(10);
    server.verify(10, postRequestedFor(anyUrl()));
  }

  @Test
  void aHugeAnswerIsNotReadToItsEnd() {
    answerAll(okJson("{\"x\": \"" + "a".repeat(EndpointCalls.MAX_BODY_BYTES) + "\"}"));
    assertThat(failure(1, 10, EGG))
        .contains("the answer has more than 8388608 bytes")
        .hasSizeLessThan(300);
    server.verify(1, postRequestedFor(anyUrl()));
  }

  @Test
  void noMoreThanSoManyRequestsAreUnderWay() {
    answerAll(FINE.withFixedDelay(150));
    long start = System.nanoTime();
    model(3, 100, 20).complete(questions(9), GREEDY);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(ms(440));
  }

  @Test
  void anInterruptEndsItAndKeepsWhatCame() {
    answerAll(FINE.withFixedDelay(100));
    EndpointModel model = model(1, 100, 20);
    assertThatThrownBy(
            () ->
                model.complete(
                    questions(50),
                    GREEDY,
                    (i, answer) -> {
                      answers.put(i, answer.text());
                      if (i == 1) {
                        Thread.currentThread().interrupt();
                      }
                    }))
        .isInstanceOf(CancellationException.class);
    assertThat(answers).containsOnlyKeys(0, 1);
  }

  @Test
  void theKeyIsNowhereButInTheHeader() {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    StringWriter said = new StringWriter();
    try (PrintStream both = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
      System.setOut(both);
      System.setErr(both);
      for (int status : new int[] {200, 302, 400, 401, 429, 500}) {
        server.resetAll();
        answerAll(aResponse().withStatus(status).withBody("{\"error\": \"no key " + KEY + "\"}"));
        EndpointModel model = model(1, 100, 20);
        said.append(model.toString()).append(model.name());
        BadInput failure = failure(() -> model.complete(questions(1), GREEDY));
        failure.printStackTrace(new PrintWriter(said));
        assertThat(failure).hasMessageContaining("no key [key]");
      }
      for (String key : List.of(KEY + "\n" + KEY, KEY + "\u00e9")) {
        failure(() -> model("http://h/v1", 1, 1, 1, key)).printStackTrace(new PrintWriter(said));
      }
      for (String url : List.of("http://u:" + KEY + "@h/v1", "http://h/v1?key=" + KEY, KEY + " ")) {
        failure(() -> Endpoint.of(url, "m")).printStackTrace(new PrintWriter(said));
      }
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
    assertThat(said.toString() + printed).contains("[key]").doesNotContain("not-to-be-seen");
    server.verify(postRequestedFor(anyUrl()).withHeader("Authorization", equalTo("Bearer " + KEY)));
  }

  @Test
  void withoutAKeyNoneIsSentAndBlanksAroundOneDoNotMatter() {
    answerAll(FINE);
    model(server.baseUrl() + "/v1", 1, 9, 20, null).complete(questions(1), GREEDY);
    server.verify(postRequestedFor(anyUrl()).withoutHeader("Authorization"));
    model(server.baseUrl() + "/v1", 1, 9, 20, KEY + "\n").complete(questions(1), GREEDY);
    server.verify(
        1, postRequestedFor(anyUrl()).withHeader("Authorization", equalTo("Bearer " + KEY)));
  }

  private void answerAll(ResponseDefinitionBuilder answer) {
    server.stubFor(post(anyUrl()).willReturn(answer));
  }

  private void inTurn(ResponseDefinitionBuilder... turns) {
    inTurn("", turns);
  }

  /** The turns of requests that contain a text. */
  private void inTurn(String asked, ResponseDefinitionBuilder... turns) {
    for (int i = 0; i < turns.length; i++) {
      server.stubFor(
          post(anyUrl())
              .withRequestBody(containing(asked))
              .inScenario("turns " + asked)
              .whenScenarioStateIs(i == 0 ? Scenario.STARTED : "turn " + i)
              .willReturn(turns[i])
              .willSetStateTo("turn " + (i + 1)));
    }
  }

  private Completion ask(Prompt prompt) {
    return model(1, 100, 20).complete(List.of(prompt), GREEDY).get(0);
  }

  /** The message, and what was answered nevertheless in {@link #answers}. */
  private String failure(int parallel, int maxRequests, Prompt... prompts) {
    EndpointModel model = model(parallel, maxRequests, 20);
    return failure(
            () -> model.complete(List.of(prompts), GREEDY, (i, a) -> answers.put(i, a.text())))
        .getMessage();
  }

  private static BadInput failure(Runnable action) {
    try {
      action.run();
    } catch (BadInput e) {
      return e;
    }
    throw new AssertionError("BadInput is expected");
  }

  private static List<Prompt> questions(int count) {
    return IntStream.range(0, count).mapToObj(i -> Prompt.chat("Question " + i + "?")).toList();
  }

  private static Duration ms(int milliseconds) {
    return Duration.ofMillis(milliseconds);
  }

  private EndpointModel model(int parallel, int maxRequests, double seconds) {
    return model(server.baseUrl() + "/v1", parallel, maxRequests, seconds, KEY);
  }

  private static EndpointModel model(
      String url, int parallel, int maxRequests, double seconds, String key) {
    Endpoint endpoint =
        new Endpoint(
            url, "m", "SOME_KEY", parallel, maxRequests, seconds, null, null, null, null, null);
    return new EndpointModel(endpoint, key, ms(1));
  }
}
