"""Loads a folder that we wrote and the one it came from with transformers, adapters of BASE with peft: do both give the
same?

    python check_saved.py ORIGINAL SAVED [BASE]
"""

import sys

import torch
from transformers import AutoModelForCausalLM



def load(folder):
    if len(sys.argv) == 3:
        return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    from peft import PeftModel

    base = AutoModelForCausalLM.from_pretrained(sys.argv[3], dtype=torch.float32)
    return PeftModel.from_pretrained(base, folder).eval()


original, saved = (load(folder) for folder in sys.argv[1:3])
ids = torch.arange(3, 60)[None]
with torch.no_grad():
    difference = (original(ids).logits - saved(ids).logits).abs().max().item()
print(f"largest difference of the logits: {difference}")
sys.exit(difference > 0)
