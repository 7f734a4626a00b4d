"""Trains on this folder: python train.py --help, or with accelerate as README.md shows.

Labels are in the files, one file per epoch, so this is an ordinary transformers Trainer: RTO needs
no code of its own. Each epoch reads its own file, in which other RTO positions keep their label.
"""

import argparse
import hashlib
import json
import pathlib

import torch
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    DataCollatorForSeq2Seq,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)

HERE = pathlib.Path(__file__).resolve().parent


class Epochs(torch.utils.data.Dataset):
    """The rows of the current epoch, read from disk when they are asked for."""

    def __init__(self, files):
        self.files = files
        self.offsets = []
        for file in files:
            offsets, at = [], 0
            with open(file, "rb") as lines:
                for line in lines:
                    offsets.append(at)
                    at += len(line)
            self.offsets.append(offsets)
        self.epoch = 0

    def __len__(self):
        return len(self.offsets[0])

    def __getitem__(self, index):
        with open(self.files[self.epoch], "rb") as lines:
            lines.seek(self.offsets[self.epoch][index])
            return json.loads(lines.readline())


class NextLabels(TrainerCallback):
    def __init__(self, data):
        self.data = data

    def on_epoch_begin(self, args, state, control, **kwargs):
        self.data.epoch = min(round(state.epoch or 0), len(self.data.files) - 1)


def sha256(file):
    digest = hashlib.sha256()
    with open(file, "rb") as data:
        while block := data.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True, help="a Hugging Face folder or name")
    parser.add_argument("--out", required=True, help="where the trained model goes")
    parser.add_argument("--settings", default=str(HERE / "full.json"), help="full.json or lora.json")
    parser.add_argument("--rows-a-device", type=int, default=4, help="rows of one forward pass")
    parser.add_argument("--max-steps", type=int, default=-1)
    parser.add_argument("--cpu", action="store_true")
    args = parser.parse_args()
    settings = json.loads(pathlib.Path(args.settings).read_text())
    export = json.loads((HERE / "export.json").read_text())
    data = Epochs([HERE / "data" / f"epoch-{n}.jsonl" for n in range(1, export["epochs"] + 1)])
    if any(len(offsets) != export["rows"] for offsets in data.offsets):
        raise SystemExit(f"an epoch has other than {export['rows']} rows; export the data again")

    for name, expected in export["sha256"].items():
        if sha256(HERE / name) != expected:
            raise SystemExit(f"{name} is not the file that was exported; export the data again")

    tokenizer = AutoTokenizer.from_pretrained(args.model)
    probe, special = export["probe"], export["special_tokens"]
    if (
        tokenizer.encode(probe["text"], add_special_tokens=False) != probe["ids"]
        or tokenizer.convert_tokens_to_ids(list(special)) != list(special.values())
    ):
        raise SystemExit(f"the tokenizer of {args.model} is not the one of these rows; export them with it")
    if tokenizer.pad_token is None:  # padding has no label and is masked: any token will do
        tokenizer.pad_token = tokenizer.eos_token
    training = TrainingArguments(
        output_dir=args.out,
        num_train_epochs=len(data.files),
        max_steps=args.max_steps,
        per_device_train_batch_size=args.rows_a_device,
        use_cpu=args.cpu,
        bf16=not args.cpu,
        save_strategy="no",
        report_to=[],
        dataloader_num_workers=0,  # a worker process would not see the epoch change
        logging_steps=1,
        **settings["training"],
    )
    rows_a_pass = args.rows_a_device * training.world_size
    if settings["batch"] % rows_a_pass:
        raise SystemExit(f"batch {settings['batch']} is no multiple of {rows_a_pass} rows a pass")
    training.gradient_accumulation_steps = settings["batch"] // rows_a_pass

    model = AutoModelForCausalLM.from_pretrained(
        args.model, torch_dtype=torch.float32 if args.cpu else torch.bfloat16
    )
    if "lora" in settings:
        from peft import LoraConfig, get_peft_model

        model = get_peft_model(model, LoraConfig(task_type="CAUSAL_LM", **settings["lora"]))
        model.enable_input_require_grads()  # or checkpointing finds nothing to train
    trainer = Trainer(
        model=model,
        args=training,
        train_dataset=data,
        data_collator=DataCollatorForSeq2Seq(tokenizer, label_pad_token_id=-100),
        callbacks=[NextLabels(data)],
    )
    trainer.train()
    trainer.save_model(args.out)
    if not trainer.is_world_process_zero():
        return
    tokenizer.save_pretrained(args.out)
    with open(pathlib.Path(args.out) / "log.json", "w") as log:
        json.dump({"processes": training.world_size, "log": trainer.state.log_history}, log, indent=1)


if __name__ == "__main__":
    main()
