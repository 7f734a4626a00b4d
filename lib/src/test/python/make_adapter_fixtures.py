"""Adapters for the small checkpoints and what peft makes of them, for AdapterTest.

    python make_adapter_fixtures.py ../resources/io/github/derta/model

Made with torch 2.7.1, transformers 4.57.6, peft 0.18.1 on a CPU, in 32-bit. Each adapter lies in its own folder beside
expected.safetensors: logits of the base with it, and its gradients in training with dropout, for which PyTorch's seed
is set before each layer. Mixtral has no dropout: transformers sorts the tokens of an expert in another way.
"""

import json
import pathlib
import sys

import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM

SEED = 7
LLAMA = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
MIXTRAL = ["q_proj", "k_proj", "v_proj", "o_proj", "w1", "w2", "w3"]
ADAPTERS = {
    "llama": ("llama-untied-biased-f32", None, dict(target_modules=LLAMA)),
    "mixtral": ("mixtral-f32", None, dict(target_modules=MIXTRAL, dropout=0)),
    "tied-resized": (
        "llama-tied-f32", 66, dict(target_modules=["q_proj", "v_proj"], modules_to_save=["embed_tokens", "lm_head"])
    ),
    "untied-resized": (
        "llama3-scaled-f32",
        65,
        dict(target_modules=LLAMA, use_rslora=True, modules_to_save=["embed_tokens", "lm_head"]),
    ),
    "qwen2": ("qwen2-f32", None, dict(target_modules=LLAMA)),
    "qwen3": ("qwen3-yarn-biased-f32", None, dict(target_modules=LLAMA)),
    "smollm3": ("smollm3-f32", None, dict(target_modules=LLAMA)),
    # Only one of the two is trained, so that they are no longer the same.
    "tied-embedding-alone": ("llama-tied-f32", None, dict(target_modules=["q_proj"], modules_to_save=["embed_tokens"])),
    "tied-output-alone": ("llama-tied-f32", None, dict(target_modules=["q_proj"], modules_to_save=["lm_head"])),
}

root = pathlib.Path(sys.argv[1])
for number, (name, (base, vocabulary, settings)) in enumerate(ADAPTERS.items()):
    torch.manual_seed(number)
    checkpoint = root / "checkpoints" / base
    model = AutoModelForCausalLM.from_pretrained(checkpoint, dtype=torch.float32, attn_implementation="eager")
    if vocabulary:
        model.resize_token_embeddings(vocabulary)
    model = get_peft_model(model, LoraConfig(task_type="CAUSAL_LM", r=4, lora_alpha=8, lora_dropout=settings.pop("dropout", 0.25), **settings))
    for weight_name, weight in model.named_parameters():
        if "lora_B" in weight_name or "modules_to_save" in weight_name:
            torch.nn.init.normal_(weight, 0, 0.3)
    batch = json.loads((checkpoint / "expected.json").read_text())
    ids, labels = torch.tensor(batch["ids"]), torch.tensor(batch["labels"])
    if vocabulary:
        ids[0, 3] = vocabulary - 1
    folder = root / "adapters" / name
    model.eval()
    tensors = {"logits": model(input_ids=ids).logits.detach().contiguous()}
    model.train()
    for i, layer in enumerate(model.get_base_model().model.layers):
        layer.register_forward_pre_hook(lambda *_, i=i: torch.manual_seed(SEED + i) and None)
    loss = model(input_ids=ids, labels=labels).loss
    loss.backward()
    for weight_name, weight in model.named_parameters():
        if "lora_" in weight_name:
            tensors[weight_name.removeprefix("base_model.model.").replace(".default", "")] = weight.grad
    tensors["loss"] = loss.detach().reshape(1)
    model.save_pretrained(folder)
    (folder / "README.md").unlink()
    config = json.loads((folder / "adapter_config.json").read_text())
    config["base_model_name_or_path"] = base
    (folder / "adapter_config.json").write_text(json.dumps(config, indent=1) + "\n")
    save_file(tensors, folder / "expected.safetensors")
    print(name, loss.item(), sorted(path.name for path in folder.iterdir()))
