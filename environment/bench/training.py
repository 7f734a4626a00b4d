"""Trains on given batches with transformers' Trainer and compares with the metrics of Train.java.

    python training.py MODEL_FOLDER DTYPE batches.jsonl metrics.jsonl

The numbers are those of the kitchen recipe: AdamW 1e-4, cosine, warm-up 5 %, clipping at 1.
"""

import json
import resource
import sys
import tempfile
import time

import table
import torch
from torch.utils.data import Dataset
from transformers import AutoModelForCausalLM, Trainer, TrainingArguments

model_folder, dtype, batch_file, metrics_file = sys.argv[1:]
batches = [json.loads(line) for line in open(batch_file)]
losses = []


class InOrder(Dataset):
    """Every item is a whole batch."""

    def __len__(self):
        return len(batches)

    def __getitem__(self, i):
        width = max(map(len, batches[i]["ids"]))
        fill = lambda rows, value: torch.tensor([row + [value] * (width - len(row)) for row in rows])
        ids, labels = batches[i]["ids"], batches[i]["labels"]
        mask = [[1] * len(row) for row in ids]
        return dict(input_ids=fill(ids, 2), labels=fill(labels, -100), attention_mask=fill(mask, 0))


class Recording(Trainer):
    def _get_train_sampler(self, dataset=None):
        return torch.utils.data.SequentialSampler(self.train_dataset)

    def compute_loss(self, model, inputs, **more):
        loss = super().compute_loss(model, inputs, **more)
        losses.append(loss.item())
        return loss


model = AutoModelForCausalLM.from_pretrained(model_folder, dtype=torch.float32)
with tempfile.TemporaryDirectory() as folder:
    trainer = Recording(
        model=model,
        args=TrainingArguments(
            output_dir=folder,
            use_cpu=True,
            bf16=dtype == "bf16",
            optim="adamw_torch_fused",
            per_device_train_batch_size=1,
            max_steps=len(batches),
            learning_rate=1e-4,
            lr_scheduler_type="cosine",
            warmup_ratio=0.05,
            max_grad_norm=1.0,
            logging_strategy="no",
            save_strategy="no",
            report_to=[],
            remove_unused_columns=False,
        ),
        train_dataset=InOrder(),
        data_collator=lambda items: items[0],
    )
    began = time.time()
    trainer.train()
    seconds = time.time() - began

steps = [json.loads(line) for line in open(metrics_file)][1:]
ours = sum(sum(step["time"].values()) for step in steps)
differences = [abs(step["loss"] - loss) for step, loss in zip(steps, losses)]
last = lambda values: sum(values[-6:]) / len(values[-6:])
own, their = max(s["memory"] for s in steps) / 1e9, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
print(f"Train.java   {ours:.0f} s, last losses {last([s['loss'] for s in steps]):.4f}, "
      f"memory {own:.1f} GB")
print(f"transformers {seconds:.0f} s, last losses {last(losses):.4f}, "
      f"memory {their:.1f} GB")
table.add(f"training, {len(steps)} steps", "transformers Trainer", ">= 1.25x", [ours], [seconds], f"{dtype}, memory {own:.1f} and {their:.1f} GB")
print(f"ratio {seconds / ours:.2f}; losses differ by {max(differences):.4f} at most")
