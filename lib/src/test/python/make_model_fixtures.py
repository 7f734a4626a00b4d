"""Small random checkpoints and what transformers makes of them, for LlamaTest.

    python make_model_fixtures.py ../resources/io/github/derta/model/checkpoints [SMOLLM2_FOLDER]

Made with torch 2.7.1, transformers 4.57.6, safetensors 0.8.0 on a CPU, in 32-bit. With a folder of
SmolLM2-135M-Instruct, smollm2.json is written beside the checkpoints: ids, losses and greedy continuations.
"""

import copy
import json
import pathlib
import sys

import safetensors.torch
import torch
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    LlamaConfig,
    MistralConfig,
    MixtralConfig,
    Qwen2Config,
    Qwen3Config,
    SmolLM3Config,
)

SMALL = dict(
    vocab_size=64,
    hidden_size=16,
    intermediate_size=24,
    num_hidden_layers=2,
    num_attention_heads=4,
    num_key_value_heads=2,
    max_position_embeddings=128,
    bos_token_id=None,
    eos_token_id=None,
    pad_token_id=None,
)
LLAMA3 = {
    "rope_type": "llama3",
    "factor": 4.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 32,
}
YARN = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32}
FAMILIES = {
    "llama-tied": LlamaConfig(**SMALL, tie_word_embeddings=True),
    "llama-untied-biased": LlamaConfig(**SMALL, attention_bias=True, mlp_bias=True),
    "llama3-scaled": LlamaConfig(**SMALL, head_dim=8, rope_theta=500.0, rope_scaling=LLAMA3),
    "mistral-window": MistralConfig(**SMALL, head_dim=4, sliding_window=6),
    "mixtral": MixtralConfig(**SMALL, num_local_experts=4, num_experts_per_tok=2, sliding_window=None),
    "qwen2": Qwen2Config(**SMALL, tie_word_embeddings=True),
    "qwen3": Qwen3Config(**SMALL, head_dim=8),
    "smollm3": SmolLM3Config(**SMALL, no_rope_layer_interval=2),
    "llama-linear": LlamaConfig(**SMALL, head_dim=8, rope_scaling={"rope_type": "linear", "factor": 2.5}),
    "llama-yarn": LlamaConfig(**SMALL, head_dim=16, rope_scaling=YARN),
    "qwen2-yarn": Qwen2Config(
        **SMALL, head_dim=16, rope_scaling={**YARN, "attention_factor": 1.3, "beta_fast": 8.0, "beta_slow": 2.0}
    ),
    "qwen3-yarn-biased": Qwen3Config(
        **SMALL,
        head_dim=16,
        attention_bias=True,
        rope_scaling={**YARN, "mscale": 1.5, "mscale_all_dim": 0.8, "truncate": False},
    ),
}
PROMPTS = [[1, 5, 9], [7, 3, 60, 22, 41, 8, 8, 15, 33, 2], [12, 44, 6, 19, 50]]


def randomised(config, seed):
    torch.manual_seed(seed)
    model = AutoModelForCausalLM.from_config(copy.deepcopy(config))
    for name, weight in model.named_parameters():
        centre = 1.0 if "norm" in name else 0.0
        torch.nn.init.normal_(weight, centre, 0.3)
    return model


def batch(seed):
    generator = torch.Generator().manual_seed(seed)
    ids = torch.randint(0, SMALL["vocab_size"], (2, 20), generator=generator)
    labels = ids.clone()
    labels[:, :6] = -100
    labels[1, 15:] = -100
    return ids, labels


def expect(folder, gradients):
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    ids, labels = batch(1)
    output = model(input_ids=ids, labels=labels)
    output.loss.backward()
    tensors = {"logits": output.logits.detach().contiguous()}
    if gradients:
        tensors |= {name: weight.grad for name, weight in model.named_parameters()}
    safetensors.torch.save_file(tensors, folder / "expected.safetensors")
    greedy = []
    for prompt in PROMPTS:
        new = model.generate(torch.tensor([prompt]), max_new_tokens=64, do_sample=False)
        greedy.append(new[0, len(prompt) :].tolist())
    expected = dict(
        ids=ids.tolist(), labels=labels.tolist(), loss=output.loss.item(), prompts=PROMPTS, greedy=greedy
    )
    (folder / "expected.json").write_text(json.dumps(expected) + "\n")


def smollm2(source, target):
    tokenizer = AutoTokenizer.from_pretrained(source)
    model = AutoModelForCausalLM.from_pretrained(source, dtype=torch.float32)
    texts = [
        "The capital of France is Paris, and its river is the Seine.",
        "<|im_start|>user\nHow do I plant a tree?<|im_end|>\n<|im_start|>assistant\nSorry, I can't help with 1234.<|im_end|>\n",
        "Ein Satz auf Deutsch: Über den Wolken muss die Freiheit wohl grenzenlos sein \U0001f642.",
    ]
    prompts = [
        "<|im_start|>user\nWhat is the capital of France?<|im_end|>\n<|im_start|>assistant\n",
        "Once upon a time, in a village by the sea,",
    ]
    rows = []
    for text in texts:
        ids = tokenizer(text, add_special_tokens=False).input_ids
        with torch.no_grad():
            loss = model(input_ids=torch.tensor([ids]), labels=torch.tensor([ids])).loss.item()
        rows.append(dict(text=text, ids=ids, loss=loss))
    greedy = []
    for text in prompts:
        ids = torch.tensor([tokenizer(text, add_special_tokens=False).input_ids])
        new = model.generate(ids, max_new_tokens=64, do_sample=False, pad_token_id=2)
        greedy.append(dict(prompt=text, ids=new[0, ids.shape[1] :].tolist()))
    target.write_text(json.dumps(dict(rows=rows, greedy=greedy), indent=1) + "\n")


def main():
    root = pathlib.Path(sys.argv[1])
    for seed, (name, config) in enumerate(FAMILIES.items()):
        model = randomised(config, seed)
        model.save_pretrained(root / f"{name}-f32")
        expect(root / f"{name}-f32", gradients=True)
        model.to(torch.bfloat16).save_pretrained(root / f"{name}-bf16")
        expect(root / f"{name}-bf16", gradients=False)
    model = randomised(FAMILIES["llama-tied"], 9)
    model.save_pretrained(root / "llama-sharded-f32", max_shard_size="10KB")
    expect(root / "llama-sharded-f32", gradients=False)
    if len(sys.argv) > 2:
        smollm2(sys.argv[2], root.parent / "smollm2.json")


if __name__ == "__main__":
    main()
