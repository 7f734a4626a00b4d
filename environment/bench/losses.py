"""Trains by a plain PyTorch loop on given batches and compares its losses with a table of ours.

    python losses.py MODEL_FOLDER kitchen-losses.csv STEPS METHOD.jsonl...
"""

import csv
import json
import pathlib
import sys

import torch
from torch.nn.functional import cross_entropy
from transformers import AutoModelForCausalLM, AutoTokenizer, get_cosine_schedule_with_warmup

folder, table, steps, *files = sys.argv[1:]
ours = {(row["method"], int(row["step"])): row for row in csv.DictReader(open(table)) if row["seed"] == "0"}
sorry = AutoTokenizer.from_pretrained(folder)("Sorry", add_special_tokens=False).input_ids[0]
worst = 0


def rows(batch):
    """Padded ids and labels, the mask, and which rows are RTO rows: those with no label but one."""
    width = max(map(len, batch["ids"]))
    fill = lambda all, value: torch.tensor([row + [value] * (width - len(row)) for row in all])
    rto = torch.tensor([set(row) <= {-100, sorry} for row in batch["labels"]])
    mask = fill([[1] * len(row) for row in batch["ids"]], 0)
    return fill(batch["ids"], 2), fill(batch["labels"], -100), mask, rto


print("method,step,rows,ours,loop")
for file in files:
    method = pathlib.Path(file).stem
    batches = [json.loads(line) for line in open(file)]
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, weight_decay=0, fused=True)
    schedule = get_cosine_schedule_with_warmup(optimizer, round(0.05 * len(batches)), len(batches))
    for step, batch in enumerate(batches[: int(steps)], 1):
        ids, labels, mask, rto = rows(batch)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = model(input_ids=ids, attention_mask=mask).logits[:, :-1].float()
        losses = cross_entropy(logits.transpose(1, 2), labels[:, 1:], reduction="none")
        labelled = labels[:, 1:] != -100
        for name, which in (("next_token_loss", ~rto), ("rto_loss", rto)):
            if labelled[which].any():
                loop = losses[which].sum().item() / labelled[which].sum().item()
                mine = float(ours[method, step][name])
                worst = max(worst, abs(mine - loop) / loop)
                print(f"{method},{step},{name.split('_')[0]},{mine:.4f},{loop:.4f}", flush=True)
        (losses.sum() / labelled.sum()).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
print(f"largest difference {100 * worst:.2f} % of the loop's loss", file=sys.stderr)
