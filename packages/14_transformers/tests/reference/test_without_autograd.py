"""A GPT is asked where gradients are not installed, and leaves no trace where they are."""

import subprocess
import sys

PROGRAM = """
import sys
import numpy as np
from tinytorch.tensor import Tensor
from tinytorch.transformers import GPT, GPTConfig
model = GPT(GPTConfig(vocab_size=5, block_size=4, n_layer=2, n_head=2, n_embd=8))
cache = model.new_cache(1)
for token in (1, 2, 3):
    scores = model(Tensor(np.array([[token]])), cache=cache, last_only=True)
assert scores.shape == (1, 1, 5)
print("tinytorch.autograd" in sys.modules)
"""


def test_nothing_of_a_gpt_imports_autograd() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr
