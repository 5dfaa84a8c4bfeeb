"""Generation runs where gradients are not installed, and imports nothing of them."""

import subprocess
import sys

PROGRAM = """
import sys
from tinytorch.generation import beam_search, generate, stream
from tinytorch.transformers import GPT, GPTConfig
model = GPT(GPTConfig(vocab_size=5, block_size=4, n_layer=2, n_head=2, n_embd=8))
assert len(generate(model, [1, 2], 6)) == 8
assert len(list(stream(model, [1], 6, use_cache=False))) == 6
assert len(beam_search(model, [1], 6, 2)) == 2
print("tinytorch.autograd" in sys.modules)
"""


def test_generation_does_without_autograd() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr
