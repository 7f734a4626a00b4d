"""The model engine against transformers: same weights, same sizes, in turn; medians and ratios.

    python environment/bench/model.py MODEL_FOLDER CLASS_PATH [ROUNDS] [TASK...]

Needs torch 2.7.1 and transformers 4.57 in this Python, java on the path, and as CLASS_PATH lib's classes,
test classes and test dependencies (mvn dependency:build-classpath). Run it alone on the machine.
"""

import ast
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import table

PROMPT, NEW = 24, 64
TASKS = {  # what it is, for the table; the goal
    "load": ("loading, libtorch and all", "under 3 s"),
    "reload": ("loading once more, weights alone", ""),
    "train": ("a step, 16 rows of 128 tokens", ">= 1.0x"),
    "train40": ("the same, 40 % unlabelled", ">= 1.15x"),
    "generate32": ("32 prompts, 64 new tokens", ">= 1.5x"),
    "generate1": ("1 prompt, 64 new tokens", ">= 1.5x"),
    "sparse": ("a step's loss, 5 % labelled, 128k vocabulary", ">= 2x time, >= 4x memory"),
    "lora": ("a step of adapters", ">= 1.0x"),
    "load-1b": ("1.1B: loading", "under 20 s"),
    "decode-1b": ("1.1B: 64 tokens", ">= 1.0x, at most weights + 1.5 GiB"),
    "lora-1b": ("1.1B: a step of adapters", "at most 12 GiB"),
}


def status(field):
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return 1024 * int(line.split()[1])
    raise KeyError(field)


def peer(task, folder, dtype, repetitions):
    """One task in PyTorch, as ModelBench does it in Java."""
    start = time.time()
    import torch
    from transformers import AutoModelForCausalLM

    generating = task.startswith(("generate", "decode"))
    half = torch.bfloat16 if generating and dtype != "f32" or task.endswith("-1b") else torch.float32
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=half)
    if task == "reload":
        start = time.time()
        AutoModelForCausalLM.from_pretrained(folder, dtype=half)
    if "load" in task:
        print([time.time() - start], status("VmHWM:"), status("VmHWM:"))
        return
    torch.manual_seed(1)
    vocabulary = model.config.vocab_size
    if generating:
        ids = torch.randint(3, vocabulary, (32 if task == "generate32" else 1, PROMPT))

        def run():
            with torch.no_grad():
                model.generate(
                    ids,
                    attention_mask=torch.ones_like(ids),
                    max_new_tokens=NEW,
                    min_new_tokens=NEW,
                    do_sample=False,
                    pad_token_id=2,
                )
    else:
        rows, length = (1, 1024) if task == "lora-1b" else (16, 128)
        ids = torch.randint(3, vocabulary, (rows, length))
        labels = ids.clone()
        labels[:, : int(length * {"train40": 0.4, "sparse": 0.95}.get(task, 0))] = -100
        if task.startswith("lora"):
            model = adapted(model, task == "lora-1b")

        def run():
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=dtype == "bf16"):
                loss = model(input_ids=ids, labels=labels).loss
            loss.backward()
            loss.item()
            for weight in model.parameters():
                if weight.requires_grad:
                    weight.grad.zero_()

    times, before = [], status("VmRSS:")
    for i in range(repetitions + 1):
        start = time.time()
        run()
        if i:
            times.append(time.time() - start)
    print(times, status("VmHWM:") - before, status("VmHWM:"))


def adapted(model, once_more):
    """With peft's adapters, as the recipe kitchen-lora has them."""
    from peft import LoraConfig, get_peft_model

    names = "q_proj k_proj v_proj o_proj gate_proj up_proj down_proj".split()
    model = get_peft_model(model, LoraConfig(r=96, lora_alpha=16, lora_dropout=0.05, target_modules=names))
    model.train()
    if once_more:
        model.enable_input_require_grads()
        model.gradient_checkpointing_enable()
    return model


# One layer under a vocabulary of 128,256, for the loss alone.
LARGE_VOCABULARY = dict(
    vocab_size=128256,
    hidden_size=576,
    intermediate_size=1536,
    num_hidden_layers=1,
    num_attention_heads=9,
    num_key_value_heads=3,
    tie_word_embeddings=True,
)
# 1.1B parameters.
ONE_BILLION = dict(
    vocab_size=32000,
    hidden_size=2048,
    intermediate_size=5632,
    num_hidden_layers=22,
    num_attention_heads=32,
    num_key_value_heads=4,
)


def random_llama(folder, sizes, half):
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    model = LlamaForCausalLM(LlamaConfig(**sizes))
    model.to(torch.bfloat16 if half else torch.float32).save_pretrained(folder)


def measure(command):
    line = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip().splitlines()[-1]
    times, above, peak = line.rsplit(" ", 2)
    return ast.literal_eval(times), int(above), int(peak)


def main(folder, class_path, rounds=2, *tasks):
    java = ["java", "-Xmx2g", "-XX:+UseSerialGC", "-Dai.djl.offline=true", "-cp", class_path]
    java += ["-Dorg.slf4j.simpleLogger.defaultLogLevel=error", "io.github.derta.model.ModelBench"]
    with tempfile.TemporaryDirectory() as scratch:
        # transformers in 16 bits is no match where the processor does not multiply them.
        usual = table.dtype()
        fair = [task for task in TASKS if usual == "bf16" or not task.endswith("-1b")]
        for task in tasks or fair:
            large = task.endswith("-1b")
            where = pathlib.Path(scratch, "1b" if large else task) if large or task == "sparse" else folder
            if not pathlib.Path(where).exists():
                random_llama(where, ONE_BILLION if large else LARGE_VOCABULARY, half=large)
            dtype = "bf16-weights" if large else usual
            arguments = [task, str(where), dtype, "1" if large else "3"]
            ours, theirs, rounds_of_ours, rounds_of_theirs, memory, peaks = [], [], [], [], [], []
            for _ in range(int(rounds)):
                mine = measure(java + arguments)
                other = measure([sys.executable, __file__, "--peer", *arguments])
                ours += mine[0]
                theirs += other[0]
                rounds_of_ours.append(statistics.median(mine[0]))
                rounds_of_theirs.append(statistics.median(other[0]))
                memory.append(other[1] / max(1, mine[1]))
                peaks.append(f"{mine[2] / 2**30:.1f} and {other[2] / 2**30:.1f} GiB")
            own, their = statistics.median(ours), statistics.median(theirs)
            more = f", memory {statistics.median(memory):.2f}x less" if task == "sparse" else ""
            if large:
                weights = sum(file.stat().st_size for file in where.glob("*.safetensors"))
                more = f", peak {' / '.join(peaks)}, weights {weights / 2**30:.1f} GiB"
            peer_name = "peft" if task.startswith("lora") else "transformers"
            what, goal = TASKS[task]
            table.add(what, peer_name, goal, rounds_of_ours, rounds_of_theirs, dtype + more)
            ending = f"; goal {goal}" if goal else ""
            print(
                f"{task:11} ours {own:7.3f} s ({min(ours):.3f}-{max(ours):.3f}), transformers {their:7.3f} s "
                f"({min(theirs):.3f}-{max(theirs):.3f}), {dtype}: {their / own:.2f}x{more}{ending}; "
                f"load {os.getloadavg()[0]:.1f}",
                flush=True,
            )


if __name__ == "__main__":
    if sys.argv[1] == "--peer":
        peer(sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5]))
    else:
        main(*sys.argv[1:])
