"""Trains on what Export.java writes: the first loss must be ours, and two processes must run.

    python lib/src/test/python/export_check.py

Needs torch, transformers, accelerate, peft and datasets. For a mix as the paper has it and for one
of RTO rows alone: transformers' Trainer, started by the exported train.py on a small random model,
must begin at the loss that Score.java gives for the same rows and labels, within 1e-5; datasets must
load the files; the Trainer, that is accelerate, must train in two processes over gloo, full and LoRA;
and Attack.java must attack what came of it, the whole model and the adapter.
"""

import json
import os
import pathlib
import runpy
import shutil
import subprocess
import sys
import tempfile

import datasets
import torch
import transformers

HOME = pathlib.Path(__file__).resolve().parents[4]
TOKENIZER = HOME / ".derta/models/smollm2-135m-instruct"
ROWS = 80


def script(name, *arguments):
    command = [str(HOME / "environment/jbang"), str(HOME / "jbang-scripts" / name)]
    subprocess.run(command + [str(a) for a in arguments], check=True)


def random_model(folder):
    torch.manual_seed(0)
    config = transformers.LlamaConfig(
        vocab_size=49152,
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        initializer_range=0.2,  # large, so that rows differ in loss
        bos_token_id=1,
        eos_token_id=2,
    )
    transformers.LlamaForCausalLM(config).save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(TOKENIZER / name, folder)


def our_loss(folder, model):
    rows = [json.loads(line) for line in (folder / "data/epoch-1.jsonl").open()]
    assert len(rows) == ROWS
    scored = folder / "rows.jsonl"
    with scored.open("w") as out:
        for i, row in enumerate(rows):
            out.write(json.dumps({"id": i, "ids": row["input_ids"], "labels": row["labels"]}) + "\n")
    script("Score.java", "--model", model, "--in", scored, "--out", folder / "s.jsonl", "--dtype", "f32")
    scores = [json.loads(line) for line in (folder / "s.jsonl").open()]
    labels = sum(s["n"] for s in scores)
    return sum(s["loss"] * s["n"] for s in scores) / labels, labels


def settings(folder, name):
    """The shipped settings with all rows in one step, so that the first loss is that of all."""
    changed = json.loads((folder / name).read_text())
    changed["batch"] = ROWS
    (folder / f"check-{name}").write_text(json.dumps(changed))
    return folder / f"check-{name}"


def trainer_loss(folder, model):
    """Sums what the Trainer's own micro-batches return; its log is rounded to four digits."""
    losses = []
    step = transformers.Trainer.training_step

    def recorded(*arguments, **named):
        loss = step(*arguments, **named)
        losses.append(loss.item())
        return loss

    transformers.Trainer.training_step = recorded
    sys.argv = ["train.py", "--model", str(model), "--out", str(folder / "one"), "--cpu"]
    sys.argv += ["--settings", str(settings(folder, "full.json")), "--max-steps", "1"]
    runpy.run_path(str(folder / "train.py"), run_name="__main__")
    transformers.Trainer.training_step = step
    return sum(losses)


def two_processes(folder, model, name):
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"]
    command += [str(folder / "train.py"), "--cpu", "--model", str(model), "--out", str(folder / "two")]
    command += ["--settings", str(settings(folder, name)), "--max-steps", "3"]
    subprocess.run(command, check=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    result = json.loads((folder / "two/log.json").read_text())
    assert result["processes"] == 2
    return [entry["loss"] for entry in result["log"] if "loss" in entry]


def attacked(folder, model, name):
    """Two attacks on two questions each, on the trained folder or the adapter in it."""
    out = folder / f"run-{name}"
    target = ["--model", model, "--adapter", folder / "two"] if "lora" in name else ["--model", folder / "two"]
    script("Attack.java", *target, "--attacks", "direct,prefill-5", "--limit", 2, "--max-new-tokens", 8,
           "--dtype", "f32", "--out", out)
    plan = json.loads((out / "plan.json").read_text())
    assert ("adapter/adapter_model.safetensors" in plan["model"]["sha256"]) == ("lora" in name)
    return sum(1 for _ in (out / "responses.jsonl").open())


def main():
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        model = work / "model"
        random_model(model)
        for method, helpful, safety in (("derta", 60, 20), ("rto-only", 8, 72)):
            folder = work / method
            script("BuildData.java", "--kitchen", "--method", method, "--helpful-count", helpful,
                   "--safety-count", safety, "--out", work / "rows.jsonl")
            script("Export.java", "--data", work / "rows.jsonl", "--tokenizer", "smollm2",
                   "--out", folder, "--block", 256)
            loaded = datasets.load_dataset(
                "json", data_files=str(folder / "data/epoch-1.jsonl"), cache_dir=str(work / "cache"))
            assert loaded["train"].num_rows == ROWS
            ours, labels = our_loss(folder, model)
            theirs = trainer_loss(folder, model)
            print(f"{method}: ours {ours:.7f}, Trainer {theirs:.7f}, {labels} labels", flush=True)
            assert abs(ours - theirs) < 1e-5
            for shipped in ("full.json", "lora.json"):
                losses = two_processes(folder, model, shipped)
                print(f"{method}, two processes, {shipped}: losses {losses}", flush=True)
                assert len(losses) == 3 and abs(losses[0] - ours) < 1e-3
                if method == "derta":
                    assert attacked(folder, model, shipped) == 4
                shutil.rmtree(folder / "two")


if __name__ == "__main__":
    main()
