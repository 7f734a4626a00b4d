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

ROWS, LENGTH, PROMPT, NEW = 16, 128, 24, 64
#        task        goal
GOALS = {
    "load": "under 3 s",
    "train": ">= 1.0x",
    "train40": ">= 1.15x",
    "generate32": ">= 1.5x",
    "generate1": ">= 1.5x",
    "sparse": ">= 2x time, >= 4x memory",
}


def status(field):
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return 1024 * int(line.split()[1])
    raise KeyError(field)


def peer(task, folder, dtype, repetitions):
    """One task in PyTorch, as ModelBench does it in Java."""
    import torch
    from transformers import AutoModelForCausalLM

    generating = task.startswith("generate")
    half = torch.bfloat16 if dtype == "bf16" else torch.float32
    start = time.time()
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=half if generating else torch.float32)
    if task == "load":
        print([time.time() - start], 0)
        return
    torch.manual_seed(1)
    vocabulary = model.config.vocab_size
    if generating:
        ids = torch.randint(3, vocabulary, (int(task[8:]), PROMPT))

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
        ids = torch.randint(3, vocabulary, (ROWS, LENGTH))
        labels = ids.clone()
        labels[:, : int(LENGTH * {"train": 0, "train40": 0.4, "sparse": 0.95}[task])] = -100

        def run():
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=dtype == "bf16"):
                loss = model(input_ids=ids, labels=labels).loss
            loss.backward()
            loss.item()
            for weight in model.parameters():
                weight.grad.zero_()

    times, before = [], status("VmRSS:")
    for i in range(repetitions + 1):
        start = time.time()
        run()
        if i:
            times.append(time.time() - start)
    print(times, status("VmHWM:") - before)


def large_vocabulary(folder):
    """One layer under a vocabulary of 128,256, for the loss alone."""
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=128256,
        hidden_size=576,
        intermediate_size=1536,
        num_hidden_layers=1,
        num_attention_heads=9,
        num_key_value_heads=3,
        tie_word_embeddings=True,
    )
    LlamaForCausalLM(config).save_pretrained(folder)


def measure(command):
    line = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip().splitlines()[-1]
    times, peak = line.rsplit(" ", 1)
    return ast.literal_eval(times), int(peak)


def main(folder, class_path, rounds=2, *tasks):
    java = ["java", "-Xmx2g", "-XX:+UseSerialGC", "-Dai.djl.offline=true", "-cp", class_path]
    java += ["-Dorg.slf4j.simpleLogger.defaultLogLevel=error", "io.github.derta.model.ModelBench"]
    with tempfile.TemporaryDirectory() as large:
        for task in tasks or GOALS:
            if task == "sparse":
                large_vocabulary(large)
            arguments = [task, large if task == "sparse" else folder, "bf16", "3"]
            ours, theirs, memory = [], [], []
            for _ in range(int(rounds)):
                mine = measure(java + arguments)
                other = measure([sys.executable, __file__, "--peer", *arguments])
                ours += mine[0]
                theirs += other[0]
                memory.append(other[1] / max(1, mine[1]))
            own, their = statistics.median(ours), statistics.median(theirs)
            more = f", memory {statistics.median(memory):.2f}x less" if task == "sparse" else ""
            print(
                f"{task:11} ours {own:7.3f} s ({min(ours):.3f}-{max(ours):.3f}), transformers {their:7.3f} s "
                f"({min(theirs):.3f}-{max(theirs):.3f}): {their / own:.2f}x{more}; goal {GOALS[task]}; "
                f"load {os.getloadavg()[0]:.1f}",
                flush=True,
            )


if __name__ == "__main__":
    if sys.argv[1] == "--peer":
        peer(sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5]))
    else:
        main(*sys.argv[1:])
