"""openai_check.py URL: OpenAI's own client understands the answers and refusals of Serve.java."""

import sys
from concurrent.futures import ThreadPoolExecutor

import openai

client = openai.OpenAI(base_url=sys.argv[1], api_key="none", max_retries=0)
model = client.models.list().data[0].id


def chat(content, **settings):
    settings = {"max_tokens": 24, "temperature": 0} | settings
    return client.chat.completions.create(model=model, messages=[{"role": "user", "content": content}], **settings)


def expect(what, found):
    print(f"openai {openai.__version__}: {what}: {'ok' if found else 'FAILED'}", file=sys.stderr)
    if not found:
        sys.exit(1)


def refused(error, **settings):
    try:
        chat("Hello", **settings)
    except error as e:
        return bool(e.body["message"])
    return False


answer = chat("What is the capital of France?")
expect("chat", "Paris" in answer.choices[0].message.content)
expect("usage", answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens > 0)
turns = [{"role": role, "content": role} for role in ("system", "user", "assistant", "user")]
longer = client.chat.completions.create(model=model, messages=turns, max_tokens=4, temperature=0)
expect("a conversation", longer.choices[0].message.content and longer.usage.prompt_tokens > 4 * 4)
cut = chat("Count to a hundred.", max_tokens=4)
expect("length", cut.choices[0].finish_reason == "length" and cut.usage.completion_tokens == 4)
raw = client.completions.create(model=model, prompt="The capital of France is", max_tokens=4, temperature=0)
expect("completion", "Paris" in raw.choices[0].text)
stopped = client.completions.create(model=model, prompt="One, two, three,", max_tokens=9, temperature=0, stop=[","])
expect("stop", "," not in stopped.choices[0].text and stopped.choices[0].finish_reason == "stop")
one, again, other = (chat("Name an animal.", temperature=1.5, seed=seed).choices[0].message.content for seed in (1, 1, 2))
expect("seed", one == again != other)
begun = client.chat.completions.create(
    model=model,
    messages=[{"role": "user", "content": "Name a city."}, {"role": "assistant", "content": "The capital of France is"}],
    max_tokens=4,
    temperature=0,
    extra_body={"continue_final_message": True, "add_generation_prompt": False},
)
expect("an answer that has begun", "Paris" in begun.choices[0].message.content)
questions = [f"What is {n} plus {n}?" for n in range(6)]
with ThreadPoolExecutor(6) as threads:
    together = list(threads.map(lambda question: chat(question).choices[0].message.content, questions))
expect("together as alone", together == [chat(question).choices[0].message.content for question in questions])
expect("stream is refused", refused(openai.BadRequestError, stream=True))
expect("an unknown setting is refused", refused(openai.BadRequestError, presence_penalty=0.5))
