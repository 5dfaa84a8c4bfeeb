"""Transformers: module 14 of TinyTorch.

Blocks of attention and feed-forward networks, and a GPT made of them, which reads GPT-2's weights.
"""

from .block import TransformerBlock
from .cache import GPTCache
from .config import GPTConfig
from .feed_forward import FeedForward
from .gpt import GPT
from .gpt2_weights import load_gpt2, save_gpt2

__all__ = [
    "GPT",
    "FeedForward",
    "GPTCache",
    "GPTConfig",
    "TransformerBlock",
    "load_gpt2",
    "save_gpt2",
]
