"""What transformers' Trainer makes of a small model, for TransformersParityTest.

    mvn test-compile, then java -cp ... io.github.derta.train.Parity WORK
    python make_training_fixture.py WORK ../resources/io/github/derta/train/parity

WORK then holds the start model and the batches in the order in which they are trained on. Made with torch 2.7.1,
transformers 4.57.6, accelerate 1.15.0 on a CPU, in 32-bit.
"""

import json
import pathlib
import shutil
import sys

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer
from torch.utils.data import SequentialSampler
from transformers import AutoModelForCausalLM, Trainer, TrainingArguments

REFUSAL = 3  # "Sorry" in the small model's vocabulary

work, target = map(pathlib.Path, sys.argv[1:])
batches = [json.loads(line) for line in (work / "batches.jsonl").open()]
rows = [dict(input_ids=i, labels=l) for b in batches for i, l in zip(b["ids"], b["labels"])]
size = len(batches[0]["ids"])
losses, norms = [], []


def pad(rows):
    width = max(len(row["input_ids"]) for row in rows)
    fill = lambda key, value: torch.tensor([row[key] + [value] * (width - len(row[key])) for row in rows])
    mask = torch.tensor([[1] * len(row["input_ids"]) + [0] * (width - len(row["input_ids"])) for row in rows])
    return dict(input_ids=fill("input_ids", 0), labels=fill("labels", -100), attention_mask=mask)


class InOrder(Trainer):
    def _get_train_sampler(self, dataset=None):
        return SequentialSampler(self.train_dataset)

    def compute_loss(self, model, inputs, **more):
        loss = super().compute_loss(model, inputs, **more)
        losses.append(loss.item())
        return loss

    def log(self, logs, *rest):
        if "grad_norm" in logs:
            norms.append(logs["grad_norm"])


def rows_in_tokens(safe):
    tokens = Tokenizer.from_file(str(work / "tiny" / "tokenizer.json"))
    for line in (work / "rows.jsonl").open():
        row = json.loads(line)
        if row["safe"] == safe:
            prefix, text = (tokens.encode(row[key]).ids for key in ("prefix", "text"))
            yield dict(input_ids=prefix + text, labels=[-100] * len(prefix) + text)


@torch.no_grad()
def evaluate(rows, rto):
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


torch.use_deterministic_algorithms(True)
model = AutoModelForCausalLM.from_pretrained(work / "tiny", dtype=torch.float32, attn_implementation="eager")
rto_loss, refusal = evaluate(rows_in_tokens("true"), True)
next_token_loss, _ = evaluate(rows_in_tokens("false"), False)
InOrder(
    model=model,
    args=TrainingArguments(
        output_dir=str(work / "out"),
        use_cpu=True,
        per_device_train_batch_size=size,
        max_steps=len(batches),
        learning_rate=3e-3,
        weight_decay=0.05,
        max_grad_norm=1.0,
        lr_scheduler_type="cosine",
        warmup_ratio=0.1,
        logging_steps=1,
        save_strategy="no",
        report_to=[],
        remove_unused_columns=False,
    ),
    train_dataset=rows,
    data_collator=pad,
).train()
target.mkdir(parents=True, exist_ok=True)
shutil.copy(work / "batches.jsonl", target)
start = dict(next_token_loss=next_token_loss, rto_loss=rto_loss, refusal=refusal)
expected = dict(start=start, losses=losses, norms=norms)
(target / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
weights = {k: v.contiguous() for k, v in model.state_dict().items() if k != "lm_head.weight"}
save_file(weights, target / "final.safetensors")
print(losses[0], losses[-1], len(losses), len(norms))
