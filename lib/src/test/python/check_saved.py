"""Loads a folder that Llama.save wrote and the one it came from with transformers: do both give the same?

    python check_saved.py ORIGINAL SAVED
"""

import sys

import torch
from transformers import AutoModelForCausalLM

original, saved = (AutoModelForCausalLM.from_pretrained(f, dtype=torch.float32) for f in sys.argv[1:3])
ids = torch.arange(3, 60)[None]
with torch.no_grad():
    difference = (original(ids).logits - saved(ids).logits).abs().max().item()
print(f"largest difference of the logits: {difference}")
sys.exit(difference > 0)
