"""Expected chat texts and token ids, from transformers.

    python lib/src/test/python/make_text_fixtures.py [FOLDER OF SMOLLM2]

Made with transformers 4.57.6, tokenizers 0.22.2, jinja2 3.1.6, SmolLM2-135M-Instruct as
environment/setup puts it into .derta/models. Writes beside the tests, under
lib/src/test/resources/io/github/derta/text:
  tiny-tokenizer/tokenizer.json   byte pairs trained here on a few lines, digits apart
  chats.json                      templates, conversations, the text or the refusal of each
  tokens.json                     strings with their ids in the tiny tokenizer and in SmolLM2's
  jinja.json                      templates, one a line, with their texts; null is a refusal. Add
                                  ["a template"] and run this. A third element names what the
                                  library refuses although jinja2 renders it.
"""

import json
import sys
from pathlib import Path

import transformers
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast
from transformers.utils.chat_template_utils import render_jinja_template

assert transformers.__version__ == "4.57.6", transformers.__version__
ROOT = Path(__file__).resolve().parents[4]
OUT = ROOT / "lib/src/test/resources/io/github/derta/text"
BUILT_IN = ROOT / "lib/src/main/resources/io/github/derta/text"
SMOLLM2 = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / ".derta/models/smollm2-135m-instruct")

# What templates of the families use, in texts of our own.
CONSTRUCTS = {
    "system, slices and namespace": """\
{%- if messages[0]["role"] == "system" %}
    {%- set system_message = messages[0]["content"] | trim %}
    {%- set rest = messages[1:] %}
{%- else %}
    {%- set rest = messages %}
{%- endif %}
{%- if not tools is defined %}
    {%- set tools = none %}
{%- endif %}
{%- set questions = rest | selectattr("role", "equalto", "user") | list %}

{#- A comment between blocks #}
{%- set count = namespace(index=0) %}
{%- for message in rest %}
    {%- if (message.role == "user") != (count.index % 2 == 0) %}
        {{- raise_exception("roles must alternate, with '}}' in a text") }}
    {%- endif %}
    {%- set count.index = count.index + 1 %}
{%- endfor %}

{{- bos_token }}
{%- for message in rest %}
    {%- if message["role"] == "user" %}
        {%- if tools is not none and (message == questions[-1]) %}
            {{- "[TOOLS]" }}
        {%- endif %}
        {%- if loop.last and system_message is defined %}
            {{- "[INST] " + system_message + "\\n\\n" + message["content"] + "[/INST]" }}
        {%- else %}
            {{- "[INST] " + message["content"] + "[/INST]" }}
        {%- endif %}
    {%- elif message["role"] == "assistant" %}
        {{- " " + message["content"].strip() + eos_token }}
    {%- endif %}
{%- endfor %}
""",
    "blocks that own their lines": """\
{{ bos_token }}
  {% for message in messages %}
    {% if message.role == 'user' %}
Question {{ loop.index }} of {{ loop.length }}: {{ message.content }} {% if loop.first %}(first){% endif %}

    {% else %}
{{ message['role'] | upper }} {{ message.content }}
    {%+ endif %}
  {% endfor %}
{# a comment #}
  {{- '\\tend' if add_generation_prompt else "it's not" }}

""",
    "macro and variables": """\
{%- macro turn(role, content) -%}
<{{ role }}>{{ content }}</{{ role }}>
{%- endmacro -%}
{%- if custom is not defined and strftime_now is defined -%}{%- set custom = 'set' -%}{%- endif -%}
{%- for message in messages -%}
{%- if message.role == 'system' -%}{%- continue -%}{%- endif -%}
{{ turn(message.role, message.content) }}{% if not loop.last %}, {% endif %}
{%- endfor -%}
{{ custom ~ messages | length }}""",
}

CONVERSATIONS = {
    "one question": [("user", "How do I bake bread in 30 minutes?")],
    "blanks": [("user", "  two\n\nlines \t\n"), ("assistant", "\n yes \n"), ("user", "")],
    "system": [("system", "  Be brief. "), ("user", "Hi"), ("assistant", "Hello"), ("user", "x")],
    "looks like a template": [("user", "{{ 7*7 }} {% for %} {# no #} \\n <b>&\"' }} %}")],
    "unusual characters": [("user", "\u00a0\u2003 ünï 😀 \u0001\u0085"), ("assistant", "\u2028a\u00a0")],
    "roles that do not alternate": [("assistant", "a"), ("assistant", "b")],
}

# What the templates of jinja.json see.
LANGUAGE = [
    ("system", " Be 'kind'. "),
    ("user", "Hi \U0001f600 a\nb"),
    ("assistant", "It's \"ok\"\\ </think> x"),
]

STRINGS = [
    "",
    "Sorry, I cannot help with that.",
    " Sorry",
    "sorry sorry",
    "In 2024, 12345 people paid $6.78 (90%).",
    "1a22b333 ½ ² ٣ Ⅷ",
    "  two  spaces\tand\n\nlines \r\n end ",
    "don't we'll I'm they've 'S",
    "naïve façade — “quotes” … ñ",
    "日本語のテキスト 中文 한국어 العربية हिन्दी",
    "😀 👩‍👩‍👧 🇩🇪",
    "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n",
    "a<|endoftext|>b <|im_end|> <|im_start",
    "def f(x):\n    return x ** 2  # 100\n",
    "\u00a0no-break\u2003em\u200bzero",
]


def tiny_tokenizer():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    trainer = trainers.BpeTrainer(
        vocab_size=320,
        special_tokens=[AddedToken(t, normalized=False, special=True) for t in special],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(["Sorry, I cannot help with that. How do I bake bread?"] * 3, trainer)
    (OUT / "tiny-tokenizer").mkdir(parents=True, exist_ok=True)
    file = OUT / "tiny-tokenizer/tokenizer.json"
    file.write_text(json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False) + "\n", "utf-8")
    return PreTrainedTokenizerFast(tokenizer_file=str(file))


def render(jinja, conversation, begin_answer):
    messages = [{"role": role, "content": content} for role, content in conversation]
    tokens = {"bos_token": "<s>", "eos_token": "</s>"}
    try:
        texts, _ = render_jinja_template(
            [messages], chat_template=jinja, add_generation_prompt=begin_answer, **tokens
        )
        return {"text": texts[0]}
    except Exception as e:  # jinja2's own, with the message of raise_exception
        return {"refusal": str(e)}


def chats():
    smollm2 = json.loads((SMOLLM2 / "tokenizer_config.json").read_text())["chat_template"]
    templates = {"smollm2": smollm2, **CONSTRUCTS}
    for name in ("chatml", "llama3", "mistral"):
        templates[name] = (BUILT_IN / f"{name}.jinja").read_text()
    cases = [
        {"template": name, "conversation": topic, "begin_answer": begin}
        | render(jinja, conversation, begin)
        for name, jinja in templates.items()
        for topic, conversation in CONVERSATIONS.items()
        for begin in (True, False)
    ]
    own = {"smollm2": smollm2, **CONSTRUCTS}  # the others come with the library
    write("chats.json", {"templates": own, "conversations": CONVERSATIONS, "cases": cases})


def language():
    file = OUT / "jinja.json"
    lines = []
    for jinja, *expected in json.loads(file.read_text("utf-8")):
        text = render(jinja, LANGUAGE, True).get("text")
        lines.append(json.dumps([jinja, text, *expected[1:]]))
    file.write_text("[\n" + ",\n".join(lines) + "\n]\n", "utf-8")


def tokens():
    found = {}
    for name, tokenizer in {
        "tiny": tiny_tokenizer(),
        "smollm2": PreTrainedTokenizerFast.from_pretrained(SMOLLM2),
    }.items():
        found[name] = [
            {
                "text": text,
                "ids": (ids := tokenizer.encode(text, add_special_tokens=False)),
                "decoded": tokenizer.decode(ids, clean_up_tokenization_spaces=False),
                "plain": tokenizer.decode(ids, True, clean_up_tokenization_spaces=False),
            }
            for text in STRINGS
        ]
    write("tokens.json", found)


def write(name, value):
    (OUT / name).write_text(json.dumps(value, indent=1, ensure_ascii=True) + "\n", "utf-8")


chats()
language()
tokens()
