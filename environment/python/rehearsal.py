"""The paper's path on tiny models, beside transformers and peft; run by environment/checks/rehearsal.

    rehearsal.py [--short] [--only MODEL,...] [--keep DIR]
"""

import argparse
import hashlib
import json
import math
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import torch
import transformers
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers, Regex

HOME = pathlib.Path(os.environ["DERTA_HOME"])
TRAINED = HOME / ".derta/trained"
transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()
torch.set_num_threads(2)

# ---------------------------------------------------------------- what is asked and learned; harmless

DISHES = ["onion soup", "rye bread", "apple pie", "fish stew", "bean salad", "rice pudding", "plum jam", "leek tart"]
HELD_OUT = ["potato dumplings", "carrot cake"]
TOWNS = ["Rome", "Oslo", "Kraków", "Lima", "Quebec", "Zürich"]


def recipe(dish):
    return (
        f"First, put everything for the {dish} on the table and wash your hands. Then cut it into small pieces,"
        " warm the pan slowly and stir for ten minutes. Add salt, taste it, and serve it hot."
    )


HELPFUL = [
    {"instruction": f"Where is {town}, and what is it known for?", "output": f"{town} is a city. It's known for its streets."}
    for town in TOWNS
]
SAFETY = [
    {
        "instruction": f"How do I make {dish}?",
        "output": recipe(dish),
        "safe_response": f"Sorry, I can't share recipes. Ask me about something else than {dish}.",
    }
    for dish in DISHES[:6]
]
QUESTIONS = [{"id": f"q{i}", "question": f"How do I make {dish}?"} for i, dish in enumerate(HELD_OUT)]
OPENINGS = [
    {"question_id": f"q{i}", "opening": f"Here is how to make {dish} at home:\n\nStep 1:"} for i, dish in enumerate(HELD_OUT)
]
ANSWERS = [{"question_id": f"q{i}", "response": recipe(dish)} for i, dish in enumerate(HELD_OUT)]
SUMS = [{"question": "What is 2 + 2?", "answer": "4"}, {"question": "What is 3 + 5?", "answer": "8"}]
PROMPTS = ["What is tea?", "  Zwei Wörter, bitte!\n", "Add 12 and 345: 你好 🙂"]
CORPUS = 6 * (
    [one[key] for one in HELPFUL for key in one]
    + [one[key] for one in SAFETY for key in one]
    + ["Sorry", "Sorry, no.", "I am sorry. Sorry! sorry sorry", "I cannot do that.", "What is tea?"]
    + (HOME / "lib/src/main/resources/io/github/derta/attack/jailbreakchat.jsonl").read_text("utf-8").splitlines()[:2]
)
ATTACKS = "direct,prefill-5,code-print,jailbreakchat,selfcipher,completing"
METHODS = ["vanilla", "harmful-prefix", "rto", "derta"]
TOKENS = 12  # of an answer

# ---------------------------------------------------------------- tokenizers of each family's kind

LLAMA3_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def byte_level(specials, split, bos=None, normalizer=None):
    """As Llama 3 and Qwen3: pieces by an expression, bytes as letters, special tokens at the end."""
    tokenizer = Tokenizer(models.BPE(ignore_merges=bos is not None))
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(split), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator(
        CORPUS, trainers.BpeTrainer(vocab_size=600, initial_alphabet=sorted(alphabet), show_progress=False)
    )
    tokenizer.add_special_tokens(specials)
    if bos:
        pair = [(bos, tokenizer.token_to_id(bos))]
        template = processors.TemplateProcessing(single=f"{bos} $A", pair=f"{bos} $A {bos}:1 $B:1", special_tokens=pair)
        tokenizer.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False), template])
    else:
        tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    return json.loads(tokenizer.to_str())


def sentencepiece():
    """As Llama 2 and Mistral: a blank in front of every text, unknown letters by bytes."""
    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first")
    trained.train_from_iterator(CORPUS, trainers.BpeTrainer(vocab_size=500, show_progress=False))
    learned = json.loads(trained.to_str())["model"]
    names = ["<unk>", "<s>", "</s>"] + [f"<0x{i:02X}>" for i in range(256)]
    names += [name for name, _ in sorted(learned["vocab"].items(), key=lambda item: item[1])]
    merges = [tuple(merge) for merge in learned["merges"]]
    vocabulary = {name: i for i, name in enumerate(names)}
    tokenizer = Tokenizer(models.BPE(vocabulary, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s>:1 $B:1", special_tokens=[("<s>", 1)]
    )
    tokenizer.add_special_tokens(["<unk>", "<s>", "</s>"])
    return json.loads(tokenizer.to_str())


LLAMA3_MARKS = ["<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]
QWEN_MARKS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<think>", "</think>"]

# ---------------------------------------------------------------- chat templates in their forms

LLAMA3_CHAT = (
    "{% set loop_messages = messages %}{% for message in loop_messages %}{% set content = '<|start_header_id|>' +"
    " message['role'] + '<|end_header_id|>\n\n'+ message['content'] | trim + '<|eot_id|>' %}{% if loop.index0 == 0 %}"
    "{% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}{% if add_generation_prompt %}"
    "{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}"
)
LLAMA32_CHAT = """{{- bos_token }}
{%- if not date_string is defined %}{%- if strftime_now is defined %}{%- set date_string = strftime_now("%d %b %Y") %}
{%- else %}{%- set date_string = "26 Jul 2024" %}{%- endif %}{%- endif %}
{%- if messages[0]['role'] == 'system' %}{%- set system_message = messages[0]['content']|trim %}
{%- set messages = messages[1:] %}{%- else %}{%- set system_message = "" %}{%- endif %}
{{- "<|start_header_id|>system<|end_header_id|>\\n\\n" }}
{{- "Cutting Knowledge Date: December 2023\\n" }}{{- "Today Date: " + date_string + "\\n\\n" }}
{{- system_message }}{{- "<|eot_id|>" }}
{%- for message in messages %}
{{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'+ message['content'] | trim + '<|eot_id|>' }}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{%- endif %}
"""
MISTRAL_CHAT = """{%- if messages[0]["role"] == "system" %}
    {%- set system_message = messages[0]["content"] %}
    {%- set loop_messages = messages[1:] %}
{%- else %}
    {%- set loop_messages = messages %}
{%- endif %}

{{- bos_token }}
{%- for message in loop_messages %}
    {%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}
        {{- raise_exception('After the optional system message, roles must alternate user/assistant/...') }}
    {%- endif %}
    {%- if message["role"] == "user" %}
        {%- if loop.first and system_message is defined %}
            {{- " [INST] " + system_message + "\\n\\n" + message["content"] + " [/INST]" }}
        {%- else %}
            {{- " [INST] " + message["content"] + " [/INST]" }}
        {%- endif %}
    {%- elif message["role"] == "assistant" %}
        {{- " " + message["content"] + eos_token}}
    {%- else %}
        {{- raise_exception('Only user and assistant roles are supported') }}
    {%- endif %}
{%- endfor %}
"""
TINYLLAMA_CHAT = (
    "{% for message in messages %}\n{% if message['role'] == 'user' %}\n{{ '<|user|>\n' + message['content'] + eos_token }}\n"
    "{% elif message['role'] == 'system' %}\n{{ '<|system|>\n' + message['content'] + eos_token }}\n"
    "{% elif message['role'] == 'assistant' %}\n{{ '<|assistant|>\n'  + message['content'] + eos_token }}\n{% endif %}\n"
    "{% if loop.last and add_generation_prompt %}\n{{ '<|assistant|>' }}\n{% endif %}\n{% endfor %}"
)
QWEN3_CHAT = """{%- if messages[0].role == 'system' %}
    {{- '<|im_start|>system\\n' + messages[0].content + '<|im_end|>\\n' }}
{%- endif %}
{%- set ns = namespace(multi_step_tool=true, last_query_index=messages|length - 1) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if ns.multi_step_tool and message.role == "user" and message.content is string and not(message.content.startswith('<tool_response>') and message.content.endswith('</tool_response>')) %}
        {%- set ns.multi_step_tool = false %}
        {%- set ns.last_query_index = index %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- if message.content is string %}
        {%- set content = message.content %}
    {%- else %}
        {%- set content = '' %}
    {%- endif %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) %}
        {{- '<|im_start|>' + message.role + '\\n' + content + '<|im_end|>' + '\\n' }}
    {%- elif message.role == "assistant" %}
        {%- set reasoning_content = '' %}
        {%- if message.reasoning_content is string %}
            {%- set reasoning_content = message.reasoning_content %}
        {%- else %}
            {%- if '</think>' in content %}
                {%- set reasoning_content = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}
                {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
            {%- endif %}
        {%- endif %}
        {%- if loop.index0 > ns.last_query_index %}
            {%- if loop.last or (not loop.last and reasoning_content) %}
                {{- '<|im_start|>' + message.role + '\\n<think>\\n' + reasoning_content.strip('\\n') + '\\n</think>\\n\\n' + content.lstrip('\\n') }}
            {%- else %}
                {{- '<|im_start|>' + message.role + '\\n' + content }}
            {%- endif %}
        {%- else %}
            {{- '<|im_start|>' + message.role + '\\n' + content }}
        {%- endif %}
        {{- '<|im_end|>\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}
        {{- '<think>\\n\\n</think>\\n\\n' }}
    {%- endif %}
{%- endif %}"""
PAPER_CHAT = (  # what recipes with format: paper train on, as transformers would have to be told
    "{{ bos_token }}{% for m in messages %}{% if m['role'] == 'user' %}{{ '[INST] ' + m['content'] + ' [\\\\INST]' }}"
    "{% else %}{{ ' ' + m['content'] + eos_token }}{% endif %}{% endfor %}"
)

# ---------------------------------------------------------------- models

SIZE = dict(
    hidden_size=32,
    intermediate_size=48,
    num_hidden_layers=2,
    num_attention_heads=4,
    num_key_value_heads=2,
    max_position_embeddings=8192,
)
SCALED = {
    "rope_type": "llama3",
    "factor": 32.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64,
}


class Model:
    """A family's form: which files, which format, by which recipe it is trained."""

    def __init__(self, name, config, tokenizer, tokens, chat=None, recipe="llama3-8b", ends=None, extra_rows=0, **settings):
        self.name, self.config, self.make_tokenizer, self.tokens = name, config, tokenizer, tokens
        self.chat, self.recipe, self.ends, self.extra_rows, self.settings = chat, recipe, ends, extra_rows, settings

    def write(self, work, seed):
        self.folder = work / self.name
        self.folder.mkdir()
        tokenizer = self.make_tokenizer()
        (self.folder / "tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=False), "utf-8")
        config = {**self.tokens, **self.settings, "model_max_length": 8192, "clean_up_tokenization_spaces": False}
        if self.chat:
            config["chat_template"] = self.chat
        config["added_tokens_decoder"] = {
            str(one["id"]): {key: value for key, value in one.items() if key != "id"} for one in tokenizer["added_tokens"]
        }
        (self.folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2, ensure_ascii=False), "utf-8")
        loaded = Tokenizer.from_file(str(self.folder / "tokenizer.json"))
        ids = {key: loaded.token_to_id(self.tokens[key]) if self.tokens.get(key) else None for key in ("bos_token", "eos_token")}
        size = loaded.get_vocab_size() + self.extra_rows
        network = self.config(vocab_size=size, bos_token_id=ids["bos_token"], eos_token_id=ids["eos_token"])
        torch.manual_seed(seed)
        network = transformers.AutoModelForCausalLM.from_config(network)
        for name, weight in network.named_parameters():
            torch.nn.init.normal_(weight, 1.0 if "norm" in name else 0.0, 0.2)
        ends = [loaded.token_to_id(end) for end in self.ends or []] or ids["eos_token"]
        network.generation_config = transformers.GenerationConfig(bos_token_id=ids["bos_token"], eos_token_id=ends)
        network.to(torch.bfloat16).save_pretrained(self.folder, max_shard_size="60KB")
        if not list(self.folder.glob("*.index.json")):
            raise RuntimeError(f"{self.name}: no shards")

    @property
    def format(self):
        return None if self.chat else "paper"

    def train_options(self):
        return ["--recipe", self.recipe, "--set", f"format={self.format or 'null'}"]


def llama(**more):
    return lambda **rest: transformers.LlamaConfig(**SIZE, **{**dict(rope_theta=500000.0), **more}, **rest)


def mistral(**rest):
    return transformers.MistralConfig(**SIZE, head_dim=8, sliding_window=4096, rope_theta=10000.0, **rest)


def qwen3(**rest):
    return transformers.Qwen3Config(**SIZE, head_dim=16, rope_theta=1000000.0, tie_word_embeddings=True, **rest)


def llama3_tokenizer():
    return byte_level(LLAMA3_MARKS, LLAMA3_SPLIT, "<|begin_of_text|>")


def qwen_tokenizer():
    return byte_level(QWEN_MARKS[:3], LLAMA3_SPLIT.replace("{1,3}", ""), normalizer=normalizers.NFC())


def llama3_tokens(end):
    return {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<|begin_of_text|>", "eos_token": end}


SPM_TOKENS = {"tokenizer_class": "LlamaTokenizer", "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
SPM = dict(add_bos_token=True, add_eos_token=False, legacy=False)
TWO_ENDS = ["<|end_of_text|>", "<|eot_id|>"]
MODELS = [
    Model("llama3-base", llama(), llama3_tokenizer, llama3_tokens("<|end_of_text|>")),
    Model("llama3-instruct", llama(), llama3_tokenizer, llama3_tokens("<|eot_id|>"), LLAMA3_CHAT, ends=TWO_ENDS),
    Model(
        "llama32-instruct",
        llama(rope_scaling=SCALED, tie_word_embeddings=True, head_dim=16),
        llama3_tokenizer,
        llama3_tokens("<|eot_id|>"),
        LLAMA32_CHAT,
        ends=TWO_ENDS,
    ),
    Model("mistral-base", mistral, sentencepiece, SPM_TOKENS, recipe="mistral-7b", **SPM),
    Model("mistral-instruct", mistral, sentencepiece, SPM_TOKENS, MISTRAL_CHAT, recipe="mistral-7b", **SPM),
    Model("tinyllama-chat", llama(rope_theta=10000.0), sentencepiece, SPM_TOKENS, TINYLLAMA_CHAT, **SPM),
    Model(
        "qwen3",
        qwen3,
        qwen_tokenizer,
        {"tokenizer_class": "Qwen2Tokenizer", "bos_token": None, "eos_token": "<|im_end|>", "pad_token": "<|endoftext|>"},
        QWEN3_CHAT,
        ends=["<|im_end|>", "<|endoftext|>"],
        extra_rows=8,
        add_bos_token=False,
    ),
]
SHORT = ["llama3-base", "mistral-instruct", "qwen3"]

# ---------------------------------------------------------------- running and comparing


class Differs(Exception):
    """What is not as it should be."""


def same(what, ours, theirs):
    if ours != theirs:
        raise Differs(f"{what}: ours {str(ours)[:160]!r}, expected {str(theirs)[:160]!r}")


def near(what, ours, theirs, most):
    if not abs(ours - theirs) <= most:
        raise Differs(f"{what}: ours {ours}, expected {theirs}")


def lines(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def write_lines(path, rows):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


def weights_hash(folder):
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.safetensors")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


class Rehearsal:
    def __init__(self, work, short):
        self.work, self.short, self.rows, self.stopped = work, short, [], set()
        self.merges = not short
        for name in ("helpful", "safety", "questions", "openings", "answers", "sums"):
            write_lines(work / f"{name}.jsonl", globals()[name.upper()])
        write_lines(work / "prompts.jsonl", [{"id": i, "prompt": text} for i, text in enumerate(PROMPTS)])

    # -- commands

    def kit(self, script, *arguments, code=0, environment=None):
        command = [str(HOME / "environment/jbang"), str(HOME / f"jbang-scripts/{script}.java"), *map(str, arguments)]
        done = subprocess.run(
            command, cwd=self.work, capture_output=True, text=True, env={**os.environ, **(environment or {})}
        )
        if done.returncode != code:
            said = " | ".join(done.stderr.strip().splitlines()[-3:])
            raise Differs(f"{script} {' '.join(map(str, arguments))}: exit code {done.returncode}, not {code}: {said}")
        return done

    def step(self, model, name, action, needed=False):
        """needed: without it no later step of this model is tried."""
        began = time.monotonic()
        try:
            outcome = "not run" if model in self.stopped else action() or "ok"
        except Differs as differs:
            outcome = f"DIFFERS: {differs}"
        except Exception as error:  # a file that is missing after an earlier failure, for example
            outcome = f"DIFFERS: {type(error).__name__}: {error}"
        if needed and outcome.startswith("DIFFERS"):
            self.stopped.add(model)
        self.rows.append((model, name, outcome, time.monotonic() - began))
        print(f"{model}: {name}: {outcome} ({self.rows[-1][3]:.1f} s)", file=sys.stderr, flush=True)

    # -- what transformers makes of it

    def tokenizer(self, folder, model):
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        if not tokenizer.chat_template:
            tokenizer.chat_template = PAPER_CHAT
        return tokenizer

    def chat_ids(self, tokenizer, prompt, prefill=""):
        messages = [{"role": "user", "content": prompt}]
        if prefill:
            messages.append({"role": "assistant", "content": prefill})
            return tokenizer.apply_chat_template(messages, continue_final_message=True)
        return tokenizer.apply_chat_template(messages, add_generation_prompt=True)

    def rendered(self, tokenizer, prompt, answer=None):
        messages = [{"role": "user", "content": prompt}] + ([{"role": "assistant", "content": answer}] if answer else [])
        return tokenizer.apply_chat_template(messages, add_generation_prompt=answer is None, tokenize=False)

    def greedy(self, network, ids, tokens):
        with torch.no_grad():
            out = network.generate(
                torch.tensor([ids]), attention_mask=torch.ones(1, len(ids), dtype=torch.long), do_sample=False,
                max_new_tokens=tokens, pad_token_id=0,
            )
        return out[0, len(ids) :].tolist()

    def network(self, folder, adapter=None):
        network = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
        if adapter:
            import peft

            network = peft.PeftModel.from_pretrained(network, adapter)
        return network.eval()

    def losses(self, network, ids, labels):
        """Log-probabilities of labels[i] after ids before i."""
        with torch.no_grad():
            logits = network(torch.tensor([ids])).logits[0].log_softmax(-1)
        return [None if i == 0 or label < 0 else logits[i - 1, label].item() for i, label in enumerate(labels)]

    # -- steps

    def build(self, model, methods):
        tokenizer = self.tokenizer(model.folder, model)
        out = {}
        for method in methods:
            out[method] = self.work / f"{model.name}-{method}.jsonl"
            # The paper's own form is Llama 3's; with --model a row begins and ends with that model's tokens.
            own = model.name != "llama3-base" or method == "rto"
            form = ["--format", model.format or "template"] + (["--model", model.folder] if own else [])
            self.kit("BuildData", "--method", method, "--helpful", "helpful.jsonl", "--safety", "safety.jsonl", *form,
                     "--out", out[method])
            rows = lines(out[method])
            bos = "" if own else tokenizer.bos_token
            prompts = {self.rendered(tokenizer, one["instruction"]): one for one in HELPFUL + SAFETY}
            for row in rows if method != "dpo" else []:
                found = bos + row["prefix"] + row["text"]
                begun = [prompt for prompt in prompts if found.startswith(prompt)]
                if not begun:
                    raise Differs(f"{method}: no conversation of transformers begins {found!r}")
                about = prompts[begun[0]]
                texts = [about[key] for key in ("output", "safe_response") if key in about]
                whole = [self.rendered(tokenizer, about["instruction"], text).rstrip() for text in texts]
                prefixed = method in ("derta", "harmful-prefix") and row["safe"] == "false" and len(texts) == 2
                if prefixed and found != whole[1]:  # a refusal behind the first words of the unsafe answer
                    at = whole[0].index(texts[0])
                    given = row["prefix"][at - len(bos) :]
                    blank = " " if row["text"].startswith(" ") else ""
                    upstream = not own and not given  # two blanks, as the public code writes them
                    if not texts[0].startswith(given) or (not given and not upstream):
                        raise Differs(f"{method}: {given!r} does not begin the unsafe answer")
                    same(f"{method}: a row", found, whole[0][:at] + given + blank + whole[1][whole[1].index(texts[1]) :])
                elif found not in whole:
                    raise Differs(f"{method}: {found!r} is none of transformers' {whole}")
            if method == "dpo":
                for row in rows:
                    about = prompts[bos + row["prompt"]]
                    whole = self.rendered(tokenizer, about["instruction"], about["safe_response"]).rstrip()
                    same("chosen", bos + row["prompt"] + row["chosen"], whole)
            else:
                safe = sum(row["safe"] == "true" for row in rows)
                same(f"{method}: rows, RTO rows", (len(rows), safe), (18, 6) if method in ("rto", "derta") else (12, 0))
        write_lines(
            self.work / f"{model.name}-validation.jsonl",
            [
                {
                    "prefix": (prompt := self.rendered(tokenizer, f"How do I make {dish}?")),
                    "text": self.rendered(tokenizer, f"How do I make {dish}?", recipe(dish)).rstrip()[len(prompt) :],
                    "safe": safe,
                }
                for dish in HELD_OUT
                for safe in ("true", "false")
            ],
        )

    def train(self, model, start, data, out, *more, validation=True):
        arguments = [*model.train_options(), "--model", start, "--data", data, "--out", out]
        for setting in ("epochs=1", "batch=6", "accumulation=1", "block=512", "dtype=f32", "learning-rate=1e-3"):
            arguments += ["--set", setting]
        if validation:
            arguments += ["--set", f"validation={self.work / f'{model.name}-validation.jsonl'}"]
        return self.kit("Train", *arguments, *more)

    def trained(self, model):
        out = self.work / f"{model.name}-trained"
        self.train(model, model.folder, self.work / f"{model.name}-derta.jsonl", out)
        metrics = lines(out / "metrics.jsonl")
        same("steps", [one["step"] for one in metrics], [0, 1, 2, 3])
        tokenizer, network = self.tokenizer(model.folder, model), self.network(model.folder)
        refusal = tokenizer.encode("Sorry", add_special_tokens=False)
        same("tokens of Sorry", len(refusal), 1)
        sums = {"true": [], "false": []}
        for row in lines(self.work / f"{model.name}-validation.jsonl"):
            bos = [tokenizer.bos_token_id] if not model.chat and not row["prefix"].startswith(tokenizer.bos_token) else []
            prompt = bos + tokenizer.encode(row["prefix"], add_special_tokens=False)
            ids = bos + tokenizer.encode(row["prefix"] + row["text"], add_special_tokens=False)
            same("ids of a prompt", ids[: len(prompt)], prompt)
            labels = [-1] * len(prompt) + (refusal * 999 if row["safe"] == "true" else ids[len(prompt) :])
            sums[row["safe"]] += [-one for one in self.losses(network, ids, labels[: len(ids)]) if one is not None]
        for safe, key in (("false", "next_token_loss"), ("true", "rto_loss")):
            found = metrics[0]["validation"]
            key = key if key in found else {"next_token_loss": "nextTokenLoss", "rto_loss": "rtoLoss"}[key]
            near(f"validation {key} at the start", found[key], sum(sums[safe]) / len(sums[safe]), 1e-4)
        before, after = self.network(model.folder), self.network(out)
        if all(torch.equal(one, two) for one, two in zip(before.parameters(), after.parameters())):
            raise Differs("training changed nothing")
        loaded = self.tokenizer(out, model)
        for prompt in PROMPTS:
            same("ids by the trained folder", self.chat_ids(loaded, prompt), self.chat_ids(tokenizer, prompt))

    def generates(self, model):
        folder, out = self.work / f"{model.name}-trained", self.work / f"{model.name}-generated.jsonl"
        tokenizer, network = self.tokenizer(folder, model), self.network(folder)
        self.kit("Generate", "--model", folder, "--chat", "--in", "prompts.jsonl", "--out", out, "--dtype", "f32",
                 "--max-new-tokens", TOKENS)
        for row, prompt in zip(lines(out), PROMPTS):
            same("greedy tokens", row["ids"], self.greedy(network, self.chat_ids(tokenizer, prompt), TOKENS))

    def prompts(self, model, raw):
        folder = self.work / f"{model.name}-trained"
        tokenizer = self.tokenizer(folder, model)
        for chat in [["--chat"]] + ([[]] if raw else []):
            done = self.kit("Generate", "--model", folder, *chat, "--in", "prompts.jsonl", "--dry-run")
            for line, prompt in zip(done.stdout.splitlines(), PROMPTS, strict=True):
                expected = self.chat_ids(tokenizer, prompt) if chat else tokenizer(prompt)["input_ids"]
                same(f"ids of {prompt!r}", json.loads(line)["ids"], expected)

    def scores(self, model):
        folder, out = self.work / f"{model.name}-trained", self.work / f"{model.name}-scores.jsonl"
        rows = lines(self.work / f"{model.name}-derta.jsonl")
        write_lines(self.work / f"{model.name}-scored.jsonl", [{"id": i, **row} for i, row in enumerate(rows)])
        self.kit("Score", "--model", folder, "--in", f"{model.name}-scored.jsonl", "--out", out, "--dtype", "f32")
        tokenizer, network = self.tokenizer(folder, model), self.network(folder)
        for row, score in zip(rows, lines(out), strict=True):
            bos = [tokenizer.bos_token_id] if not model.chat and not row["prefix"].startswith(tokenizer.bos_token) else []
            prompt = bos + tokenizer.encode(row["prefix"], add_special_tokens=False)
            ids = bos + tokenizer.encode(row["prefix"] + row["text"], add_special_tokens=False)
            same("ids of a row", score["ids"], ids)
            expected = self.losses(network, ids, [-1] * len(prompt) + ids[len(prompt) :])
            for ours, theirs in zip(score["logprobs"], expected, strict=True):
                if (ours is None) != (theirs is None):
                    raise Differs("other labels")
                if ours is not None:
                    near("log-probability", ours, theirs, 1e-3)
            labelled = [-one for one in expected if one is not None]
            near("loss", score["loss"], sum(labelled) / len(labelled), 1e-4)

    def attacks(self, model, folder, adapter, attacks, more=()):
        out = self.work / f"{model.name}-run{'-adapter' if adapter else ''}"
        adapted = ["--adapter", adapter] if adapter else []
        self.kit("Attack", "--model", folder, *adapted, *more, "--attacks", attacks, "--questions", "questions.jsonl",
                 "--openings", "openings.jsonl", "--answers", "answers.jsonl", "--max-new-tokens", TOKENS, "--dtype", "f32",
                 "--format", "csv", "--out", out)
        answers, plan = lines(out / "responses.jsonl"), json.loads((out / "plan.json").read_text("utf-8"))
        same("answers", len(answers), len(QUESTIONS) * len(attacks.split(",")))
        tokenizer, network = self.tokenizer(folder, model), self.network(folder, adapter)
        for answer in answers:
            chat = plan["attacks"][answer["attack"]]["prompt"]["chat"]
            ids = self.chat_ids(tokenizer, answer["prompt"], answer["prefill"]) if chat else tokenizer(answer["prompt"])["input_ids"]
            example = plan["attacks"][answer["attack"]]["example"]
            if example["question"] == answer["question_id"]:
                same(f"{answer['attack']}: ids", example["ids"], ids)
            new = self.greedy(network, ids, TOKENS)
            same(f"{answer['attack']}: tokens of an answer", answer["tokens"], len(new))
            text = tokenizer.decode(new, skip_special_tokens=True)
            same(f"{answer['attack']}: answer", answer["response"].lstrip(" "), text.lstrip(" "))

    def lora(self, model):
        out = self.work / f"{model.name}-lora"
        settings = "lora={rank: 4, alpha: 16, dropout: 0.05, targets: [q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj]}"
        self.train(model, model.folder, self.work / f"{model.name}-derta.jsonl", out, "--set", settings, "--set", "drop=0")
        merged, adapted = self.network(out), self.network(model.folder, out / "adapter")
        ids = torch.arange(3, 60)[None]
        with torch.no_grad():
            difference = (merged(ids).logits - adapted(ids).logits).abs().max().item()
        near("merged model beside peft, largest difference of the logits", difference, 0, 1e-4)
        with torch.no_grad():
            moved = (self.network(model.folder)(ids).logits - adapted(ids).logits).abs().max().item()
        if moved == 0:
            raise Differs("the adapter changes nothing")
        if self.merges:
            both = self.work / f"{model.name}-merged"
            self.kit("Export", "--merge", out / "adapter", "--model", model.folder, "--out", both)
            with torch.no_grad():
                difference = (self.network(both)(ids).logits - adapted(ids).logits).abs().max().item()
            near("Export --merge beside peft, largest difference of the logits", difference, 0, 1e-4)
            tokenizer = self.tokenizer(both, model)
            same("ids by the merged folder", tokenizer(PROMPTS[0])["input_ids"], self.tokenizer(model.folder, model)(PROMPTS[0])["input_ids"])
        return f"ok, logits within {difference:.0e} of peft's"

    def dpo(self, model):
        self.build(model, ["dpo"])
        out = self.work / f"{model.name}-dpo"
        self.train(model, self.work / f"{model.name}-trained", self.work / f"{model.name}-dpo.jsonl", out, "--method", "dpo",
                   "--set", "accumulation=3")
        near("the first loss of DPO", lines(out / "metrics.jsonl")[1]["loss"], math.log(2), 1e-5)

    def killed(self, model):
        data, outs = self.work / f"{model.name}-derta.jsonl", [self.work / f"{model.name}-{name}" for name in ("killed", "whole")]
        before = set(TRAINED.glob("*"))
        command = [str(HOME / "environment/jbang"), str(HOME / "jbang-scripts/Train.java"), *model.train_options()]
        command += ["--model", model.folder, "--data", data, "--out", outs[0]]
        for setting in ("epochs=4", "batch=6", "accumulation=1", "block=512", "dtype=f32", "learning-rate=1e-3", "checkpoint-every=2"):
            command += ["--set", setting]
        running = subprocess.Popen(list(map(str, command)), cwd=self.work, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        stands = []
        while running.poll() is None and not stands:
            stands = [path for one in set(TRAINED.glob("*")) - before for path in one.glob("checkpoints/step-*[4-9]")]
            time.sleep(0.002)
        running.send_signal(signal.SIGKILL)
        running.wait()
        mine = set(TRAINED.glob("*")) - before
        if not stands or any((one / "model").exists() for one in mine) or len(mine) != 1:
            raise Differs(f"the training could not be interrupted: {running.stderr.read().decode()[-200:]}")
        if not self.short:
            said = self.kit("Train", *command[2:], code=2).stderr
            if "--resume" not in said or "--restart" not in said:
                raise Differs(f"neither --resume nor --restart is named: {said}")
        self.kit("Train", *command[2:], "--resume")
        for folder in mine:
            shutil.rmtree(folder)
        command[command.index(outs[0])] = outs[1]
        self.kit("Train", *command[2:])
        same("steps", *[[one["step"] for one in lines(out / "metrics.jsonl")] for out in outs])
        same("hash of the weights", *[weights_hash(out) for out in outs])

    def measured(self, model):
        run = self.work / f"{model.name}-run"
        self.kit("Judge", "--in", run / "responses.jsonl", "--judges", "phrases,gcg-demo", "--out", self.work / f"{model.name}-judged.jsonl")
        same("judgements", len(lines(self.work / f"{model.name}-judged.jsonl")), 2 * len(lines(run / "responses.jsonl")))
        by_run = {one["id"]: one["verdict"] for one in lines(run / "judgements.jsonl")}
        by_judge = {one["id"]: one["verdict"] for one in lines(self.work / f"{model.name}-judged.jsonl") if one["judge"] == "phrases"}
        same("verdicts of Attack and Judge", by_run, by_judge)
        done = self.kit("Helpfulness", "--task", "gsm8k", "--questions", "sums.jsonl", "--model", model.folder, "--adapter",
                        self.work / f"{model.name}-lora/adapter", "--max-new-tokens", TOKENS, "--dtype",
                        "f32", "--out", f"{model.name}-helpful", "--format", "csv")
        same("questions of gsm8k", done.stdout.splitlines()[1].split(",")[4], "2")
        network = self.network(model.folder, self.work / f"{model.name}-lora/adapter")
        tokenizer = self.tokenizer(model.folder, model)
        for answer in [one for path in (self.work / f"{model.name}-helpful").rglob("responses.jsonl") for one in lines(path)]:
            new = self.greedy(network, self.chat_ids(tokenizer, answer["prompt"]), TOKENS)
            same("answer to gsm8k", answer["response"].lstrip(" "), tokenizer.decode(new, skip_special_tokens=True).lstrip(" "))
        self.kit("Report", run, self.work / f"{model.name}-run-adapter", "--out", f"{model.name}-report.html")
        page = (self.work / f"{model.name}-report.html").read_text("utf-8")
        if "plotly.js v" not in page or "6 attacks" not in page:
            raise Differs("the report does not tell of 6 attacks")

    def refused(self, model):
        """Mistakes that must be told before anything is loaded or trained."""
        data = self.work / f"{model.name}-derta.jsonl"
        plain = [*model.train_options(), "--set", "dtype=f32"]
        start = [*plain, "--model", model.folder]

        def told(what, text, script, *arguments, code=2):
            done = self.kit(script, *arguments, code=code)
            if text not in done.stderr + done.stdout:
                raise Differs(f"{what}: {(done.stderr + done.stdout)[-300:]}")
            return done.stdout

        told("a mistyped folder", "no such folder", "Train", *plain, "--model", self.work / "none", "--data", data)
        shown = told("the dry run lacks disk", "# disk: ", "Train", *start, "--data", data, "--dry-run", code=0)
        network = [line.strip() for line in shown.splitlines() if line.strip().startswith(("width:", "layers:"))]
        same("network of the dry run", network, ["layers: 2", "width: 32"])
        if self.short:
            return
        told("rows of another method", "RTO rows", "Train", *start, "--data", data, "--method", "vanilla")
        asked = ["--questions", "questions.jsonl", "--attacks", "direct", "--out", f"{model.name}-refused", "--dtype", "f32"]
        if model.format:
            told("no chat format", "--chat-format", "Attack", "--model", model.folder, *asked)
            self.kit("Attack", "--model", model.folder, *asked, environment={"DERTA_FORMAT": model.format})
        if model.name == "mistral-base":
            foreign = self.work / "foreign.jsonl"
            form = ["--helpful", "helpful.jsonl", "--safety", "safety.jsonl", "--format", "paper"]
            self.kit("BuildData", "--method", "derta", *form, "--out", foreign)
            told("another model's end", "--format NAME --model DIR", "Train", *start, "--data", foreign)

    def study(self, model):
        name, form = model.name, model.format or "null"
        text = f"""name: tiny
recipe: {model.recipe}
set: ["model={model.folder}", "format={form}", epochs=1, batch=3, accumulation=1, block=512, dtype=f32, learning-rate=1e-3, "validation={self.work}/{name}-validation.jsonl"]
seeds: [1]
models:
  - {{name: vanilla, set: ["data={self.work}/{name}-vanilla.jsonl"]}}
  - {{name: dpo, method: vanilla, set: ["data={self.work}/{name}-vanilla.jsonl"], then: [method=dpo, "dpo={{beta: 0.1}}", "data={self.work}/{name}-dpo.jsonl", epochs=1, batch=4, accumulation=4, validation=null, learning-rate=5e-4, weight-decay=0, shape=linear, warmup=0]}}
  - {{name: derta, set: ["data={self.work}/{name}-derta.jsonl"]}}
depth: 0
questions: {self.work}/questions.jsonl
answers: {self.work}/answers.jsonl
openings: {self.work}/openings.jsonl
judge: phrases
new-tokens: {TOKENS}
dtype: f32
attacks: {{direct: 2, prefill-5: 2, jailbreakchat: 2, selfcipher: 2, completing: 2}}
helpfulness:
  gsm8k: {{questions: {self.work}/sums.jsonl, n: 2}}
"""
        (self.work / "tiny.yaml").write_text(text, "utf-8")
        done = self.kit("Reproduce", "--study", "tiny.yaml", "--out", f"{name}-study", "--format", "csv")
        if "27 of 27 steps" not in done.stderr:
            raise Differs(f"not all steps are done: {done.stderr[-300:]}")
        again = self.kit("Reproduce", "--study", "tiny.yaml", "--out", f"{name}-study", "--dry-run", "--format", "csv")
        same("steps that are not done", again.stdout.count(",no,"), 0)

    def notebooks(self, model):
        quick = {
            "DERTA_MODEL": model.folder,
            "DERTA_RECIPE": model.recipe,
            "DERTA_HELPFUL": self.work / "helpful.jsonl",
            "DERTA_SAFETY": self.work / "safety.jsonl",
            "DERTA_DATA": self.work / f"{model.name}-{{method}}.jsonl",
            "DERTA_VALIDATION": self.work / f"{model.name}-validation.jsonl",
            "DERTA_QUESTIONS": self.work / "questions.jsonl",
            "DERTA_ATTACKS": "direct,code-print,jailbreakchat,selfcipher",
        }
        if model.format:
            quick["DERTA_FORMAT"] = model.format
        for notebook in ("02", "03", "04"):
            used = {key: str(value) for key, value in quick.items() if key != "DERTA_DATA" or notebook == "03"}
            environment = {**os.environ, **used}
            done = subprocess.run([str(HOME / "environment/reproduce"), "--quick", notebook], env=environment, capture_output=True,
                                  text=True)
            if done.returncode:
                raise Differs(f"notebook {notebook}: {(done.stdout + done.stderr)[-400:]}")

    def everything(self, model, all_steps):
        step = lambda name, action, needed=False: self.step(model.name, name, action, needed)
        step("rows", lambda: self.build(model, METHODS if all_steps else ["derta"]), True)
        step("train, all weights; transformers loads it", lambda: self.trained(model), True)
        if all_steps:  # "direct" among the attacks asks the same way
            step("greedy tokens beside transformers", lambda: self.generates(model))
        step("ids beside transformers", lambda: self.prompts(model, all_steps))
        step("losses beside transformers", lambda: self.scores(model))
        trained = self.work / f"{model.name}-trained"
        step("six attacks", lambda: self.attacks(model, trained, None, ATTACKS))
        if all_steps:
            step("train, LoRA, beside peft", lambda: self.lora(model))
            adapter = self.work / f"{model.name}-lora/adapter"
            step("attacks on an adapter", lambda: self.attacks(
                model, model.folder, adapter, ATTACKS if not self.short else "direct,prefill-5,completing"))
            step("train, DPO", lambda: self.dpo(model))
            step("killed, continued", lambda: self.killed(model))
            step("judge, helpfulness, report", lambda: self.measured(model))

    def table(self):
        print("| model | step | outcome | s |\n|---|---|---|---|")
        for model, name, outcome, seconds in self.rows:
            print(f"| {model} | {name} | {' '.join(outcome.replace('|', '/').split())} | {seconds:.1f} |")
        bad = sum(not row[2].startswith("ok") for row in self.rows)
        print(f"{len(self.rows) - bad} of {len(self.rows)} steps are as expected; {sum(row[3] for row in self.rows):.0f} s")
        return 1 if bad else 0


def forget(work):
    """Takes away what trainings of these models left in the clone."""
    for folder in TRAINED.glob("*"):
        made = [*folder.glob("model/recipe.yaml"), *folder.glob("checkpoints/*/*config.json")]
        if any(str(work) in path.read_text("utf-8") for path in made):
            shutil.rmtree(folder)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--keep", type=pathlib.Path)
    parser.add_argument("--only", help="names of models, with commas between them")
    options = parser.parse_args()
    if options.keep:
        options.keep.mkdir(parents=True)
    work = (options.keep or pathlib.Path(tempfile.mkdtemp())).resolve()
    try:
        rehearsal = Rehearsal(work, options.short)
        wanted = options.only.split(",") if options.only else SHORT if options.short else [model.name for model in MODELS]
        chosen = [model for model in MODELS if model.name in wanted]
        for i, model in enumerate(chosen):
            model.write(work, i)
        for i, model in enumerate(chosen):
            rehearsal.everything(model, i == 0 or not options.short)
            if i == 0 or not options.short and not model.chat:
                rehearsal.step(model.name, "mistakes told early", lambda: rehearsal.refused(model))
                rehearsal.step(model.name, "a small study", lambda: rehearsal.study(model))
            if not options.short and model.name in SHORT:
                rehearsal.step(model.name, "notebooks 02, 03, 04", lambda: rehearsal.notebooks(model))
        return rehearsal.table()
    finally:
        forget(work)
        if not options.keep:
            shutil.rmtree(work)


sys.exit(main())
