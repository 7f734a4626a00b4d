"""What transformers' Trainer makes of a small model, for TransformersParityTest.

    mvn test-compile, then java -cp ... io.github.derta.train.Parity WORK
    python make_training_fixture.py WORK ../resources/io/github/derta/train

WORK then holds the start model, a start adapter, and the batches in the order in which they are trained on. Made with
torch 2.7.1, transformers 4.57.6, accelerate 1.12.0, peft 0.18.1, trl 0.26.2, datasets 4.5.0 on a CPU, in 32-bit. Makes
parity (all weights), parity-lora (peft, with dropout) and parity-dpo (trl).
"""

import json
import pathlib
import shutil
import sys

import torch
from datasets import Dataset
from peft import PeftModel, get_peft_model_state_dict
from safetensors.torch import save_file
from tokenizers import Tokenizer
from torch.utils.data import SequentialSampler
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast, Trainer, TrainingArguments
from trl import DPOConfig, DPOTrainer

REFUSAL = 3  # "Sorry" in the small model's vocabulary

work, target = map(pathlib.Path, sys.argv[1:])


def read(name):
    return [json.loads(line) for line in (work / name).open()]


def start_model():
    return AutoModelForCausalLM.from_pretrained(work / "tiny", dtype=torch.float32, attn_implementation="eager")


def pad(rows):
    width = max(len(row["input_ids"]) for row in rows)
    fill = lambda key, value: torch.tensor([row[key] + [value] * (width - len(row[key])) for row in rows])
    mask = torch.tensor([[1] * len(row["input_ids"]) + [0] * (width - len(row["input_ids"])) for row in rows])
    return dict(input_ids=fill("input_ids", 0), labels=fill("labels", -100), attention_mask=mask)


def in_order(trainer):
    """A trainer that takes rows as they come, and remembers losses and gradient norms."""

    class InOrder(trainer):
        losses, norms = [], []

        def _get_train_sampler(self, dataset=None):
            return SequentialSampler(self.train_dataset)

        def compute_loss(self, model, inputs, **more):
            loss = super().compute_loss(model, inputs, **more)
            self.losses.append(loss.item())
            return loss

        def log(self, logs, *rest):
            if "grad_norm" in logs:
                self.norms.append(logs["grad_norm"])

    return InOrder


def settings(size, steps, **more):
    return dict(
        output_dir=str(work / "out"),
        use_cpu=True,
        per_device_train_batch_size=size,
        max_steps=steps,
        weight_decay=0.05,
        max_grad_norm=1.0,
        lr_scheduler_type="cosine",
        warmup_ratio=0.1,
        logging_steps=1,
        save_strategy="no",
        report_to=[],
        remove_unused_columns=False,
        bf16=False,
        **more,
    )


def write(name, trainer, weights, **more):
    folder = target / name
    folder.mkdir(parents=True, exist_ok=True)
    expected = dict(**more, losses=trainer.losses, norms=trainer.norms)
    (folder / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
    save_file(weights, folder / "final.safetensors")
    print(name, trainer.losses[0], trainer.losses[-1], len(trainer.losses), len(trainer.norms))


def weights(model):
    return {k: v.contiguous() for k, v in model.state_dict().items() if k != "lm_head.weight"}


def rows_in_tokens(safe):
    tokens = Tokenizer.from_file(str(work / "tiny" / "tokenizer.json"))
    for row in read("rows.jsonl"):
        if row["safe"] == safe:
            prefix, text = (tokens.encode(row[key]).ids for key in ("prefix", "text"))
            yield dict(input_ids=prefix + text, labels=[-100] * len(prefix) + text)


@torch.no_grad()
def evaluate(model, rows, rto):
    """The loss of the public code, which makes every label of an RTO row the refusal token, and the probability of
    that token at each position of an answer."""
    inputs = pad(list(rows))
    labels = inputs.pop("labels")
    if rto:
        labels[labels != -100] = REFUSAL
    logits = model(**inputs).logits
    shifted = labels[:, 1:]
    loss = torch.nn.CrossEntropyLoss()(logits[:, :-1].reshape(-1, logits.size(-1)), shifted.reshape(-1))
    chance = logits.softmax(-1)[:, :-1, REFUSAL]
    answers = [c[s != -100] for c, s in zip(chance, shifted)]
    by_position = [
        torch.stack([a[i] for a in answers if len(a) > i]).mean().item() for i in range(max(map(len, answers)))
    ]
    return loss.item(), by_position


def sft(model, rate):
    """Trained on the batches as they are."""
    batches = read("batches.jsonl")
    rows = [dict(input_ids=i, labels=l) for b in batches for i, l in zip(b["ids"], b["labels"])]
    arguments = TrainingArguments(**settings(len(batches[0]["ids"]), len(batches), learning_rate=rate))
    return in_order(Trainer)(model=model, args=arguments, train_dataset=rows, data_collator=pad)


def full():
    model = start_model()
    rto_loss, refusal = evaluate(model, rows_in_tokens("true"), True)
    next_token_loss, _ = evaluate(model, rows_in_tokens("false"), False)
    trainer = sft(model, 3e-3)
    trainer.train()
    start = dict(next_token_loss=next_token_loss, rto_loss=rto_loss, refusal=refusal)
    write("parity", trainer, weights(model), start=start)
    shutil.copy(work / "batches.jsonl", target / "parity")


def lora():
    model = PeftModel.from_pretrained(start_model(), work / "adapter", is_trainable=True)
    seeds = json.loads((work / "seeds.json").read_text())
    trainer = sft(model, 1e-2)
    for i, layer in enumerate(model.get_base_model().model.layers):
        layer.register_forward_pre_hook(lambda *_, i=i: torch.manual_seed(seeds[len(trainer.losses)] + i) and None)
    trainer.train()
    trained = {name: weight.contiguous() for name, weight in get_peft_model_state_dict(model).items()}
    write("parity-lora", trainer, trained)


def dpo():
    batches = read("pair-batches.jsonl")
    pairs = [dict(pair, **{k: pair[k].removesuffix(" </s>") for k in ("chosen", "rejected")}) for pair in read("pairs.jsonl")]
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=str(work / "tiny" / "tokenizer.json"), eos_token="</s>", pad_token="<unk>"
    )
    more = settings(len(batches[0]), len(batches), learning_rate=3e-3, beta=0.1, precompute_ref_log_probs=True)
    model = start_model()
    rows = Dataset.from_list([pairs[i] for batch in batches for i in batch])
    trainer = in_order(DPOTrainer)(
        model=model, args=DPOConfig(**more), train_dataset=rows, processing_class=tokenizer
    )
    trainer.train()
    write("parity-dpo", trainer, weights(model))


torch.use_deterministic_algorithms(True)
full()
lora()
dpo()
